"""Every statement, one file each, in folders by family."""
