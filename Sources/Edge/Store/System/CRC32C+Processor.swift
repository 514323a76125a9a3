import CLinux
import InterlockLedger

extension CRC32C {
    /// Whether this processor computes the checksum itself.
    static let isInstruction = interlock_has_crc32c() == 1

    /// By the processor where it can, else by the table.
    static func fastest(_ bytes: Span<UInt8>) -> UInt32 {
        guard isInstruction else { return checksum(bytes) }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe interlock_crc32c(buffer.baseAddress, buffer.count)
        }
    }
}
