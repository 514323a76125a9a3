import Glibc
import InterlockLedger
import InterlockModel
import Synchronization

/// The position of each blob in the packs (`<payloads>/<day>/000001.pack`). The heads of a pack are read only once per
/// index; a lookup of an unknown blob reads the heads that were appended since.
///
/// Takes 16 bytes per blob: a part of its digest and its position. The full digest is compared with the head in the
/// pack.
final class PackIndex: Sendable {
    private let folder: String
    private let state = Mutex(State())

    private struct State: Sendable {
        /// The number of each pack by path; a pack keeps its number.
        var packs: [String: Int] = [:]
        var paths: [String] = []
        /// The bytes of each pack that were read, up to the last whole blob.
        var ends: [Int] = []
        /// Positions sorted by `part`.
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

    /// The size of one read while heads are collected.
    private static let windowBytes = 256 << 10

    init(_ folder: String) { self.folder = folder }

    /// - Parameter day: the day whose packs may hold the blob, or nil if unknown. Reading one day is much faster than
    ///   reading all.
    /// - Returns: nil if no pack has it.
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
                // Deleted at the end of its retention.
                guard error.code == ENOENT else { throw error }
                continue
            }
            let head = BlobPack.head(try file.read(at: place.offset, count: BlobPack.overhead))
            guard let head, head.digest == digest else { continue }
            return try file.read(at: place.offset + BlobPack.overhead, count: head.length)
        }
        return nil
    }

    /// Reads the heads that were appended since, of one day or of all days.
    /// - Returns: false if there are no new heads.
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
