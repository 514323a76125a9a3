import Glibc
import InterlockLedger
import InterlockModel
import Synchronization

/// Where each blob is in the packs (`<payloads>/<day>/000001.pack`). Heads are read once in the life of
/// the index; a blob that is not known yet costs a look at what the packs have gained since.
///
/// Takes 16 bytes per blob: a part of its digest and its place. The whole digest is compared with the
/// head in the pack.
final class PackIndex: Sendable {
    private let folder: String
    private let state = Mutex(State())

    private struct State: Sendable {
        /// By path; a pack keeps its number.
        var packs: [String: Int] = [:]
        var paths: [String] = []
        /// Bytes of each pack that were read, up to the last whole blob.
        var ends: [Int] = []
        /// Sorted by `part`.
        var places: [Position] = []
    }

    private struct Position: Sendable {
        /// The digest's first 64 bits.
        let part: UInt64
        /// The pack's number in the upper 24 bits, the head's offset in the lower 40.
        let position: UInt64

        var pack: Int { Int(position >> 40) }
        var offset: Int { Int(position & 0xff_ffff_ffff) }
    }

    /// One read while heads are gathered.
    private static let windowBytes = 256 << 10

    init(_ folder: String) { self.folder = folder }

    /// - Parameter day: whose packs have it, if anything has; nil where that is not known. Of many days one is read
    ///   much sooner than all.
    /// - Returns: nil when no pack has it.
    func blob(_ digest: Digest, of day: CivilDate? = nil) throws(SystemError) -> [UInt8]? {
        let result: Result<[UInt8]?, SystemError> = state.withLock { state in
            do throws(SystemError) {
                if let blob = try find(digest, state) { return .success(blob) }
                guard try refresh(&state, day) else { return .success(nil) }
                return .success(try find(digest, state))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func find(_ digest: Digest, _ state: State) throws(SystemError) -> [UInt8]? {
        let part = digest.words.0
        var low = 0
        var high = state.places.count
        while low < high {
            let middle = (low + high) / 2
            if state.places[middle].part < part { low = middle + 1 } else { high = middle }
        }
        for place in state.places[low...].prefix(while: { $0.part == part }) {
            let path = state.paths[place.pack]
            let file: FileDescriptor
            do { file = try FileDescriptor(path, O_RDONLY) } catch {
                // Deleted when its day was over.
                guard error.code == ENOENT else { throw error }
                continue
            }
            let head = BlobPack.head(try file.read(at: place.offset, count: BlobPack.overhead))
            guard let head, head.digest == digest else { continue }
            return try file.read(at: place.offset + BlobPack.overhead, count: head.length)
        }
        return nil
    }

    /// Reads the heads that came since, of one day or of all.
    /// - Returns: false when there are none.
    private func refresh(_ state: inout State, _ day: CivilDate?) throws(SystemError) -> Bool {
        guard Folder.exists(folder) else { return false }
        let known = state.places.count
        let days = if let day { [day.text] } else { try Folder.names(folder) }
        for day in days {
            let place = "\(folder)/\(day)"
            for name in (try? Folder.names(place)) ?? [] where name.hasSuffix(".pack") {
                try read("\(place)/\(name)", &state)
            }
        }
        guard state.places.count > known else { return false }
        state.places.sort { $0.part < $1.part }
        return true
    }

    private func read(_ path: String, _ state: inout State) throws(SystemError) {
        let number = state.packs[path] ?? state.paths.count
        if number == state.paths.count {
            state.packs[path] = number
            state.paths.append(path)
            state.ends.append(0)
        }
        let file: FileDescriptor
        do { file = try FileDescriptor(path, O_RDONLY) } catch {
            guard error.code == ENOENT else { throw error }
            return
        }
        let size = try file.size()
        var window: [UInt8] = []
        var start = 0
        while state.ends[number] + BlobPack.overhead <= size {
            let offset = state.ends[number]
            if offset < start || offset + BlobPack.overhead > start + window.count {
                start = offset
                window = try file.read(at: start, count: Self.windowBytes)
            }
            let bytes = Array(window.dropFirst(offset - start).prefix(BlobPack.overhead))
            // A head of zeros is a hole that a crash left, or the end of a pack that is being written.
            guard let head = BlobPack.head(bytes), head.length > 0,
                offset + BlobPack.overhead + head.length <= size
            else { return }
            state.places.append(
                Position(part: head.digest.words.0, position: UInt64(number) << 40 | UInt64(offset))
            )
            state.ends[number] = offset + BlobPack.overhead + head.length
        }
    }
}
