import Glibc
import InterlockLedger

/// `state/ledger/unsigned`: the newest frame, durable before a signer of another process is asked for its checkpoint.
///
/// INVARIANT: a signer never remembers more than the log, with this file, can recover. So a crash at any step leaves a log
/// that its signer accepts. Kept by `RemoteSignerTests`, `test_signer.py`.
struct UnsignedFrameFile: Sendable {
    private let file: FileDescriptor
    private let disk: DiskOperations

    /// Creates the file if it does not exist; its name is durable on return.
    init(_ configuration: LedgerConfiguration) throws(SystemError) {
        file = try FileDescriptor(configuration.unsignedFile, O_RDWR | O_CREAT)
        try Folder.flush(configuration.directory)
        disk = configuration.disk
    }

    /// Replaces the content, durable on return. A torn write is no frame, and then nothing was signed.
    ///
    /// - Parameter frame: the encoded frame with an empty checkpoint.
    func write(_ frame: [UInt8], for place: SegmentPosition) throws(SystemError) {
        let bytes = UnsignedFrame.encode(
            frame, segment: place.segment.name, offset: place.offset,
            trailing: place.isBlank ? 0 : Frame.alignment, checksum: CRC32C.fastest)
        let written = disk.write(file.number, bytes[...], 0)
        guard written == 0 else { throw SystemError("write", file.path, code: written) }
        let flushed = disk.flush(file.number)
        guard flushed == 0 else { throw SystemError("fdatasync", file.path, code: flushed) }
    }

    /// - Returns: nil without a whole frame.
    static func read(_ configuration: LedgerConfiguration) throws(SystemError) -> UnsignedFrame? {
        guard
            let bytes = try Folder.contents(
                configuration.unsignedFile, limit: UnsignedFrame.maximumBytes)
        else { return nil }
        return UnsignedFrame(parsing: bytes, checksum: CRC32C.fastest)
    }
}
