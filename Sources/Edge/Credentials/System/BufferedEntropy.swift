import COpenSSL
import InterlockModel
import Synchronization

/// Randomness of the kernel, fetched a page at a time: for salts and ids, of which each call needs several. Keys,
/// tokens and sessions use `SystemEntropy`.
///
/// Each byte is returned once and wiped here at the same time.
package final class BufferedEntropy: Entropy {
    private static let pageBytes = 4096
    private let source = SystemEntropy()
    /// The bytes not returned yet; taken from the end.
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
