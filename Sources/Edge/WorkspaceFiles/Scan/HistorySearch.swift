import InterlockJSON
package import InterlockModel
package import InterlockSafety
package import InterlockWorkspace

/// A search of the file contents that the repositories of a project keep: those of earlier commits, of other branches and
/// of none (docs/specs/coding-agents.md, section 11). Each is searched once. What is hidden in the tree is readable here,
/// so it is searched too.
package struct HistorySearch {
    /// A content with findings.
    package struct Blob: Hashable, Sendable {
        package let blob: ListedBlob
        package let format: ObjectFormat
        package let findings: SecretFindings
        /// SHA-256 of the content, or nil if it was not asked for or too many have findings.
        package fileprivate(set) var digest: Digest?
        /// The commit that brought it, or nil if none is known.
        package fileprivate(set) var commit: ObjectID?
        /// The printed path below the project at which the commit has it.
        package fileprivate(set) var path: String?

        fileprivate var place: ExactText { ExactText(path ?? "") }
    }

    /// The most contents with findings that are kept.
    package static let mostFound = 1000
    /// The most contents whose digest is made, each by a Git of its own.
    private static let mostDigests = 256
    /// The most bytes that one search reads; what is known to be clean is not read.
    package static let mostBytes: Int64 = 16 << 30

    /// The stores that were searched.
    package let stores: [ObjectStore]
    /// The first contents with findings, by path and name.
    package private(set) var found: [Blob] = []
    /// The numbers of findings in contents that are not kept.
    package private(set) var blockingBeyond = 0
    package private(set) var markedBeyond = 0
    /// The numbers of contents, of their bytes, and of contents known from an earlier search.
    package private(set) var blobs = 0
    package private(set) var bytes: Int64 = 0
    package private(set) var known = 0

    private var seen: Set<ObjectID> = []

    /// - Parameters:
    ///   - tree: the project as a run sees it.
    ///   - clean: the contents without findings; completed also by a search that fails.
    ///   - needsDigests: whether the digests of contents with findings are made.
    ///   - progress: receives the number of bytes that were searched since its last call.
    package init(
        of tree: TreeListing, _ reader: any ObjectReader, _ scanner: any ContentScanner,
        hashing: any Hashing, clean: inout CleanObjects, needsDigests: Bool,
        progress: @escaping (Int) -> Void
    ) throws(ScanFailure) {
        do throws(ObjectStore.Fault) { stores = try ObjectStore.stores(in: tree) } catch {
            throw ScanFailure(.history, error.message)
        }
        for store in stores {
            let new = try list(store, reader, &clean)
            guard !new.isEmpty else { continue }
            let place = found.count
            var search = BlobSearch(scanner, progress: progress)
            defer { for name in search.clean { clean.add(name) } }
            try Self.read(new, of: store, reader) { event, bytes throws(ScanFailure) in
                try search.take(event, bytes)
            }
            keep(search.found, store.format)
            if needsDigests { try addDigests(from: place, of: store, reader, hashing) }
            addNames(from: place, of: store, reader)
        }
        found.sort { ($0.place, $0.blob.id) < ($1.place, $1.blob.id) }
    }

    /// - Returns: the contents of the store that are not known to be clean.
    private mutating func list(
        _ store: ObjectStore, _ reader: any ObjectReader, _ clean: inout CleanObjects
    ) throws(ScanFailure) -> [ListedBlob] {
        var list = ObjectList(store.format)
        try reader.list(store) { part throws(ScanFailure) in
            do throws(ObjectFault) { try list.take(part) } catch { throw ScanFailure(error) }
        }
        var new: [ListedBlob] = []
        do throws(ObjectFault) {
            for blob in try list.finish() where seen.insert(blob.id).inserted {
                blobs += 1
                if clean.contains(blob.id) { known += 1 } else { new.append(blob) }
            }
        } catch { throw ScanFailure(error) }
        guard blobs <= ObjectList.mostBlobs else { throw ScanFailure(ObjectFault.tooMany) }
        for blob in new { bytes += blob.size }
        guard bytes <= Self.mostBytes else {
            throw ScanFailure(
                .history, "the history has more than \(Self.mostBytes >> 30) GiB that is new")
        }
        return new
    }

    /// Passes on the contents in their order; stops at the first error.
    private static func read(
        _ blobs: [ListedBlob], of store: ObjectStore, _ reader: any ObjectReader,
        _ take: (ObjectStream.Event, Span<UInt8>) throws(ScanFailure) -> Void
    ) throws(ScanFailure) {
        var stream = ObjectStream(blobs, store.format)
        var failure: ScanFailure?
        try reader.read(blobs, of: store) { part throws(ScanFailure) in
            do throws(ObjectFault) {
                try stream.take(part) { event, bytes in
                    guard failure == nil else { return }
                    do throws(ScanFailure) { try take(event, bytes) } catch { failure = error }
                }
            } catch { throw ScanFailure(error) }
            if let failure { throw failure }
        }
        do throws(ObjectFault) { try stream.finish() } catch { throw ScanFailure(error) }
    }

    private mutating func keep(
        _ more: [(blob: ListedBlob, findings: SecretFindings)], _ format: ObjectFormat
    ) {
        for (blob, findings) in more {
            guard found.count < Self.mostFound else {
                blockingBeyond += findings.blocking
                markedBeyond += findings.marked
                continue
            }
            found.append(Blob(blob: blob, format: format, findings: findings))
        }
    }

    private mutating func addDigests(
        from first: Int, of store: ObjectStore, _ reader: any ObjectReader, _ hashing: any Hashing
    ) throws(ScanFailure) {
        for index in found.indices.dropFirst(first) where index < Self.mostDigests {
            let blob = found[index].blob
            found[index].digest = try hashing.sha256 { take throws(ScanFailure) in
                try Self.read([blob], of: store, reader) { event, bytes in
                    if event == .content { take(bytes) }
                }
            }
        }
    }

    /// Adds commits and paths. A finding counts without them: references can be broken, or lead to less than there is.
    private mutating func addNames(
        from first: Int, of store: ObjectStore, _ reader: any ObjectReader
    ) {
        guard first < found.count, store.repository != nil else { return }
        var names = ObjectNames(
            of: Set(found.dropFirst(first).map(\.blob.id)), store.format)
        do throws(ScanFailure) {
            try reader.names(of: store) { part throws(ScanFailure) in
                do throws(ObjectFault) { try names.take(part) } catch { throw ScanFailure(error) }
            }
        } catch {}
        for index in found.indices.dropFirst(first) {
            guard let name = names.names[found[index].blob.id] else { continue }
            found[index].commit = name.commit
            found[index].path = store.shown(name.path)
        }
    }
}

/// Searches contents as they are read.
private struct BlobSearch {
    private let scanner: any ContentScanner
    private let progress: (Int) -> Void
    private(set) var clean: [ObjectID] = []
    private(set) var found: [(blob: ListedBlob, findings: SecretFindings)] = []

    init(_ scanner: any ContentScanner, progress: @escaping (Int) -> Void) {
        (self.scanner, self.progress) = (scanner, progress)
    }

    mutating func take(
        _ event: ObjectStream.Event, _ bytes: Span<UInt8>
    ) throws(ScanFailure) {
        switch event {
        case .begin: scanner.begin()
        case .content:
            try scanner.take(bytes)
            progress(bytes.count)
        case .end(let blob):
            let findings = try scanner.finish()
            if findings.isEmpty {
                clean.append(blob.id)
            } else {
                found.append((blob, findings))
            }
        }
    }
}

extension ScanFailure {
    fileprivate init(_ fault: ObjectFault) { self.init(.history, fault.message) }
}
