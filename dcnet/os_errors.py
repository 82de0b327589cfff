"""The operating system's usual reasons in both languages.

Owns the table; what has no words here is told as the system says it, which is English.
"""

import errno

from dcnet.language import Words

REASONS: dict[int, Words] = {
    errno.EACCES: Words("tidak ada izin", "permission denied"),
    errno.EPERM: Words("tidak diizinkan", "operation not permitted"),
    errno.ENOENT: Words("tidak ada", "no such file or folder"),
    errno.EEXIST: Words("sudah ada", "it exists already"),
    errno.ENOTDIR: Words("bagian dari lokasinya bukan folder", "a part of its path is not a folder"),
    errno.EISDIR: Words("adalah folder", "it is a folder"),
    errno.ENOSPC: Words("tempat penyimpanan penuh", "no space left on the device"),
    errno.EDQUOT: Words("kuota penyimpanan habis", "the disk quota is used up"),
    errno.EROFS: Words("sistem berkasnya hanya dapat dibaca", "the file system is read-only"),
    errno.ENAMETOOLONG: Words("namanya terlalu panjang", "its name is too long"),
    errno.ELOOP: Words("tautan simboliknya berputar", "its symbolic links go in a circle"),
    errno.EMFILE: Words("terlalu banyak berkas terbuka", "too many open files"),
    errno.EIO: Words("perangkat penyimpanan gagal", "the storage device failed"),
}


def reason_of(error: OSError) -> Words:
    """Why `error` happened."""
    told = str(error.strerror or error)
    return REASONS.get(error.errno or 0, Words(told, told))
