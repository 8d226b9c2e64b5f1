"""What explodes or varies: rest-frame light curves of every class."""
