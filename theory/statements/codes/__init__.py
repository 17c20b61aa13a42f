"""What optimal codes satisfy, for any dictionary."""
