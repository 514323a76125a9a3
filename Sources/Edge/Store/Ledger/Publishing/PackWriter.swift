import Glibc
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// Stored payloads, appended to `<payloads>/<day>/000001.pack` and following. Blobs above 64 KiB are written before
/// their record is queued, the others when the frame that holds them is published.
///
/// A blob that the newest pack of its day held when it was opened is not written twice. A pack that does not end in a
/// whole blob, for example after a crash, is kept unchanged, and a new one is begun.
final class PackWriter: Sendable {
    private let folder: String
    private let disk: DiskOperations
    private let hashing: any Hashing
    private let onFatal: @Sendable (String) -> Never
    private let jobs: JobThread
    private let packs = Mutex<[CivilDate: Pack]>([:])

    private struct Pack: Sendable {
        let file: FileDescriptor
        let number: Int
        var size: Int
        /// The blobs it held when it was opened. Later blobs are new, since each has its own salt.
        let digests: Set<Digest>
    }

    static let maximumWaiting = 64
    /// A pack that has reached this size is not extended.
    static let fullBytes = 64 << 20
    /// The bytes that are written at a time, unless one piece is larger.
    static let joinedBytes = 256 << 10
    /// The number of days whose packs are open at a time.
    static let maximumOpen = 8

    init(_ configuration: LedgerConfiguration, _ hashing: any Hashing) {
        folder = configuration.payloads
        disk = configuration.disk
        onFatal = configuration.onFatal
        self.hashing = hashing
        jobs = JobThread("ledger-packs", limit: Self.maximumWaiting)
    }

    /// Calls `done` on the packs' thread once all blobs are durable, or with the refusal.
    /// - Returns: false if too many jobs wait; `done` is then not called.
    func store(
        _ payloads: [SealedPayload], day: CivilDate,
        done: @escaping @Sendable (LedgerRefusal?) -> Void
    ) -> Bool {
        jobs.submit { [self] in
            let blobs = payloads.compactMap { payload in
                payload.commitment.stored.map {
                    PackPiece(StoredBlob(digest: $0, bytes: payload.blob[...]))
                }
            }
            do throws(SystemError) {
                try store(blobs, day: day)
                done(nil)
            } catch {
                done(LedgerRefusal(code: "audit.payload", detail: error.description))
            }
        }
    }

    /// Appends the blobs; they are durable on return.
    func store(_ pieces: [PackPiece], day: CivilDate) throws(SystemError) {
        let written: Result<FileDescriptor, SystemError> = packs.withLock { packs in
            do throws(SystemError) {
                if packs.count > Self.maximumOpen { packs = [:] }
                var pack: Pack
                if let known = packs[day] { pack = known } else { pack = try open(day) }
                if pack.size >= Self.fullBytes {
                    pack = try make(day, pack.number + 1, pack.digests)
                }
                // The pack is reopened after an error, which detects a partial write.
                packs[day] = nil
                try append(pieces, to: &pack)
                packs[day] = pack
                return .success(pack.file)
            } catch {
                return .failure(error)
            }
        }
        let file = try written.get()
        let failed = disk.flush(file.number)
        if failed != 0 { onFatal(SystemError("fdatasync", file.path, code: failed).description) }
    }

    /// Forgets the open packs, so that blobs that may have been stored already are detected. Called before they are
    /// stored again.
    func reopen() { packs.withLock { $0 = [:] } }

    func close() { jobs.close() }

    /// Joins the pieces of neighbouring frames: a system call and a page of the cache cost more than a copy.
    private func append(_ pieces: [PackPiece], to pack: inout Pack) throws(SystemError) {
        var joined: [UInt8] = []
        for piece in pieces {
            let bytes = piece.without(pack.digests)
            if joined.count + bytes.count > Self.joinedBytes {
                try write(joined[...], to: &pack)
                joined.removeAll(keepingCapacity: true)
            }
            if bytes.count > Self.joinedBytes {
                try write(bytes, to: &pack)
            } else {
                joined += bytes
            }
        }
        try write(joined[...], to: &pack)
    }

    private func write(_ bytes: ArraySlice<UInt8>, to pack: inout Pack) throws(SystemError) {
        if bytes.isEmpty { return }
        let failed = disk.write(pack.file.number, bytes, pack.size)
        guard failed == 0 else {
            // Returns the space of a partial write, which matters on a full disk.
            _ = ftruncate(pack.file.number, pack.size)
            throw SystemError("write", pack.file.path, code: failed)
        }
        pack.size += bytes.count
    }

    private func open(_ day: CivilDate) throws(SystemError) -> Pack {
        let place = "\(folder)/\(day.text)"
        try Folder.make(place)
        let numbers = try Folder.names(place).filter { $0.hasSuffix(".pack") }
            .compactMap { Int($0.dropLast(5)) }
        guard let newest = numbers.max() else { return try make(day, 1) }
        let path = Self.path(place, newest)
        let (digests, isWhole) = try PackFile(path).checked(hashing)
        let file = try FileDescriptor(path, O_RDWR)
        // INVARIANT: a blob that counts as stored is durable. The last write to this pack may not have been flushed.
        let failed = disk.flush(file.number)
        if failed != 0 { onFatal(SystemError("fdatasync", path, code: failed).description) }
        guard isWhole else { return try make(day, newest + 1, digests) }
        return Pack(file: file, number: newest, size: try file.size(), digests: digests)
    }

    private func make(
        _ day: CivilDate, _ number: Int, _ digests: Set<Digest> = []
    ) throws(SystemError) -> Pack {
        let place = "\(folder)/\(day.text)"
        let file = try FileDescriptor(Self.path(place, number), O_RDWR | O_CREAT)
        for changed in [place, folder] {
            let handle = try FileDescriptor(changed, O_RDONLY | O_DIRECTORY)
            let failed = disk.sync(handle.number)
            if failed != 0 { onFatal(SystemError("fsync", changed, code: failed).description) }
        }
        return Pack(file: file, number: number, size: 0, digests: digests)
    }

    private static func path(_ folder: String, _ number: Int) -> String {
        let text = String(number)
        return "\(folder)/\(String(repeating: "0", count: max(0, 6 - text.count)) + text).pack"
    }
}
