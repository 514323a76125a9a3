import COpenSSL
import InterlockModel
import Synchronization

/// The kernel's randomness, fetched a page at a time: for salts and ids, of which each call needs
/// several. Keys, tokens and sessions take `SystemEntropy`.
///
/// Each byte is given out once and wiped here at that moment.
package final class BufferedEntropy: Entropy {
    private static let pageBytes = 4096
    private let source = SystemEntropy()
    /// Not given out yet; taken from the end.
    private let page = Mutex<[UInt8]>([])

    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        guard count <= Self.pageBytes / 16 else { return source.bytes(count) }
        return page.withLock { page in
            if page.count < count { page = source.bytes(Self.pageBytes) }
            let start = page.count - count
            let taken = Array(page[start...])
            unsafe page.withUnsafeMutableBytes { bytes in
                unsafe interlock_wipe(bytes.baseAddress.map { unsafe $0 + start }, count)
            }
            page.removeLast(count)
            return taken
        }
    }
}
