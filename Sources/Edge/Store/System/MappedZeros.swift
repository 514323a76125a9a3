import CLinux
import Glibc

/// Looks for anything but zeros in the pages of the kernel's own cache. A start reads hundreds of MiB so: copying
/// them first took four fifths of the time.
enum MappedZeros {
    /// Mapped at a time, so that few pages are held in the process's tables.
    private static let windowBytes = 4 << 20

    /// - Returns: nil where the file cannot be mapped or a page of it cannot be read, which `read` then tells.
    static func areZero(_ file: Int32, _ range: Range<Int>) -> Bool? {
        var info = stat()
        guard unsafe fstat(file, &info) == 0, range.upperBound <= Int(info.st_size) else {
            return nil
        }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        var start = range.lowerBound
        while start < range.upperBound {
            let place = start / page * page
            let end = min(range.upperBound, place + windowBytes)
            guard
                let pages = unsafe mmap(nil, end - place, PROT_READ, MAP_SHARED, file, place),
                unsafe pages != MAP_FAILED
            else { return nil }
            defer { unsafe munmap(pages, end - place) }
            // INVARIANT: pages that are there are looked at; of one that is not the kernel's signal would end the
            // process.
            guard unsafe madvise(pages, end - place, interlock_madvise_populate_read) == 0 else {
                return nil
            }
            let bytes = unsafe UnsafeRawBufferPointer(start: pages, count: end - place)
            guard unsafe areZero(UnsafeRawBufferPointer(rebasing: bytes[(start - place)...])) else {
                return false
            }
            start = end
        }
        return true
    }

    /// Whether there is nothing but zeros in these bytes.
    static func areZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        // Equal to itself one byte further, and that byte is zero. The C library compares by vectors.
        guard unsafe bytes[0] == 0 else { return false }
        return unsafe memcmp(base, base + 1, bytes.count - 1) == 0
    }
}
