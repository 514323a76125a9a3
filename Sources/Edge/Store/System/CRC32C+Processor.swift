import CLinux
import InterlockLedger

extension CRC32C {
    /// True if the processor has an instruction for the checksum.
    static let isInstruction = interlock_has_crc32c() == 1

    /// Computes the checksum with the processor's instruction if it has one, otherwise with the table.
    static func fastest(_ bytes: Span<UInt8>) -> UInt32 {
        guard isInstruction else { return checksum(bytes) }
        return unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe interlock_crc32c(buffer.baseAddress, buffer.count)
        }
    }
}
