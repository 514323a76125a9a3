import CLinux
import Glibc
import InterlockModel

/// Randomness from the kernel's generator (`getrandom`), which blocks until it is seeded.
package struct SystemEntropy: Entropy {
    package init() {}

    package func bytes(_ count: Int) -> [UInt8] {
        [UInt8](capacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { buffer, initialized in
                guard let base = buffer.baseAddress else { return }
                while initialized < count {
                    let got = unsafe getrandom(base + initialized, count - initialized, 0)
                    if got < 0, errno == EINTR { continue }
                    // INVARIANT: no key, nonce or salt is ever made from anything else.
                    precondition(got > 0, "the kernel gives no random bytes")
                    initialized += got
                }
            }
        }
    }
}
