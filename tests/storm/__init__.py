"""The battery: the whole service, real processes and real servers, under every fault that it promises to bear."""
