import CLinux
import Glibc

/// Searches a file for non-zero bytes in the kernel's page cache. A start reads hundreds of MiB this way; copying them
/// first took four fifths of the time.
enum MappedZeros {
    /// The bytes that are mapped at a time, so that the process's page tables stay small.
    private static let windowBytes = 4 << 20

    /// - Returns: nil if the file cannot be mapped or one of its pages cannot be read; the caller then uses `read`,
    ///   which reports the error.
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
            // INVARIANT: only pages that were populated are accessed; access to a missing page would end the process by
            // a signal.
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

    /// Returns true if all bytes are zero.
    static func areZero(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        // The first byte is zero and each byte equals the next one. `memcmp` compares with vector instructions.
        guard unsafe bytes[0] == 0 else { return false }
        return unsafe memcmp(base, base + 1, bytes.count - 1) == 0
    }
}
