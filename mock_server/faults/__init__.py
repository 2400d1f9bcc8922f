"""Every way in which the gateway misbehaves on purpose."""
