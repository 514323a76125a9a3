import Glibc
import InterlockGateway
import InterlockLedger
import InterlockModel
import Synchronization

/// Payloads above 64 KiB: `<payloads>/<day>/000001.pack`, appended and flushed before their record is
/// queued. A torn blob at the end of a pack belongs to no record.
final class PackWriter: Sendable {
    private let folder: String
    private let disk: DiskCalls
    private let onFatal: @Sendable (String) -> Never
    private let jobs: JobThread
    private let state = Mutex<Open?>(nil)

    private struct Open: Sendable {
        let day: CivilDate
        let file: FileDescriptor
        var offset: Int
    }

    static let maximumWaiting = 64

    init(_ folder: String, _ disk: DiskCalls, _ onFatal: @escaping @Sendable (String) -> Never) {
        self.folder = folder
        self.disk = disk
        self.onFatal = onFatal
        jobs = JobThread("ledger-packs", limit: Self.maximumWaiting)
    }

    /// Calls `done` on the packs' thread once all blobs are durable, or with the refusal.
    /// - Returns: false when too many wait; `done` is then not called.
    func store(
        _ payloads: [SealedPayload], day: CivilDate,
        done: @escaping @Sendable (LedgerRefusal?) -> Void
    ) -> Bool {
        jobs.submit { [self] in
            do throws(SystemError) {
                try write(payloads, day)
                done(nil)
            } catch {
                done(LedgerRefusal(code: "audit.payload", detail: error.description))
            }
        }
    }

    func close() { jobs.close() }

    private func write(_ payloads: [SealedPayload], _ day: CivilDate) throws(SystemError) {
        var bytes: [UInt8] = []
        for payload in payloads {
            guard let digest = payload.commitment.stored else { continue }
            guard payload.blob.count <= BlobPack.maximumBlobBytes else {
                throw SystemError("write", folder, code: EFBIG)
            }
            BlobPack.append(StoredBlob(digest: digest, bytes: payload.blob[...]), to: &bytes)
        }
        var open = try open(day)
        let failed = disk.write(open.file.number, bytes, open.offset)
        guard failed == 0 else { throw SystemError("write", open.file.path, code: failed) }
        let unflushed = disk.flush(open.file.number)
        if unflushed != 0 {
            onFatal(SystemError("fdatasync", open.file.path, code: unflushed).description)
        }
        open.offset += bytes.count
        state.withLock { $0 = open }
    }

    private func open(_ day: CivilDate) throws(SystemError) -> Open {
        if let open = state.withLock({ $0 }), open.day == day { return open }
        let place = "\(folder)/\(day.text)"
        try Folder.make(place)
        let file = try FileDescriptor(place + "/000001.pack", O_RDWR | O_CREAT)
        try Folder.flush(place)
        try Folder.flush(folder)
        return Open(day: day, file: file, offset: try PackFile(file.path).end())
    }
}
