import Glibc
import InterlockLedger

/// A preallocated file of frames. It is zero-filled and made durable under its final name before first use, so that
/// writing a frame needs no block allocation and no change of size. Once a published checkpoint covers its frames it is
/// reused without being cleared; frames carry the number of the use.
final class Segment: Sendable {
    let file: FileDescriptor
    /// `000.seg`, or `reserve.seg` until it is renamed.
    let name: String
    let capacity: Int

    static let reserveName = "reserve.seg"
    static let suffix = ".seg"
    static let minimumBytes = 1 << 20
    /// The use number of the frames in a segment that was never reused.
    static let firstUse: UInt64 = 1
    /// The number of segments of a log that is published in time; surplus segments are removed.
    static let usualCount = 4
    /// The maximum number of segments while the log cannot be published; beyond it permits are refused.
    static let maximumCount = 16

    private init(_ file: FileDescriptor, _ name: String, _ capacity: Int) {
        self.file = file
        self.name = name
        self.capacity = capacity
    }

    convenience init(opening name: String, in folder: String, writable: Bool) throws(SystemError) {
        let file = try FileDescriptor("\(folder)/\(name)", writable ? O_RDWR : O_RDONLY)
        self.init(file, name, try file.size())
    }

    /// Creates a segment: temporary file, zeros, fsync, rename, fsync of the folder. On an error, usually a full disk,
    /// the temporary file is removed and nothing is left.
    ///
    /// - Parameter cached: true if the zeros should stay in the page cache for the next start, which reads them. This
    ///   costs a copy now, while calls wait.
    convenience init(
        making name: String, in folder: String, bytes: Int, cached: Bool
    ) throws(SystemError) {
        let path = "\(folder)/\(name)"
        do {
            let file = try FileDescriptor(path + ".tmp", O_RDWR | O_CREAT | O_TRUNC)
            let isFilled = cached ? false : try ZeroFill.fill(path + ".tmp", bytes: bytes)
            if !isFilled { try Self.writeZeros(file, bytes: bytes) }
            try file.flush()
            try Folder.rename(path + ".tmp", to: path)
            try Folder.flush(folder)
            self.init(file, name, bytes)
        } catch {
            try? Folder.remove(path + ".tmp")
            throw error
        }
    }

    /// Reads the frame with this head.
    /// - Returns: nil if the frame is not whole.
    func frame(_ header: FrameHeader, at place: Int) throws(SystemError) -> Frame? {
        var ahead = ReadAhead()
        return try frame(header, at: place, &ahead)
    }

    /// Reads the frame with this head, among others in one order.
    /// - Returns: nil if the frame is not whole.
    func frame(
        _ header: FrameHeader, at place: Int, _ ahead: inout ReadAhead
    ) throws(SystemError) -> Frame? {
        guard header.paddedSize <= capacity - place else { return nil }
        return Frame(
            try ahead.read(file, at: place, count: header.paddedSize), checksum: CRC32C.fastest)
    }

    /// Calls `body` with each possible frame head, at every offset where a frame may begin, until it returns false.
    func forEachHeader(
        from start: Int, _ body: (FrameHeader, Int) throws(SystemError) -> Bool
    ) throws(SystemError) {
        let step = Frame.alignment
        var piece = (start + step - 1) / step * step
        while piece < capacity {
            let bytes = try file.read(at: piece, count: min(1 << 20, capacity - piece))
            for place in stride(from: 0, to: bytes.count - FrameHeader.size, by: step)
            where bytes[place] == FrameHeader.magic[0] {
                guard let header = FrameHeader(Array(bytes[place..<place + FrameHeader.size]))
                else { continue }
                guard try body(header, piece + place) else { return }
            }
            piece += 1 << 20
        }
    }

    private static func writeZeros(_ file: FileDescriptor, bytes: Int) throws(SystemError) {
        let zeros = [UInt8](repeating: 0, count: min(1 << 20, bytes))
        for offset in stride(from: 0, to: bytes, by: zeros.count) {
            let count = min(zeros.count, bytes - offset)
            try file.write(count == zeros.count ? zeros : Array(zeros[..<count]), at: offset)
        }
    }

    /// The names of the segments in the folder: numbered ones by number, the reserve last.
    static func names(in folder: String) throws(SystemError) -> [String] {
        let names = try Folder.names(folder).filter { $0.hasSuffix(suffix) }
        let numbered = names.filter { number(of: $0) != nil }
            .sorted { (number(of: $0) ?? 0) < (number(of: $1) ?? 0) }
        return numbered + names.filter { $0 == reserveName }
    }

    static func number(of name: String) -> Int? {
        guard name.hasSuffix(suffix) else { return nil }
        return Int(name.dropLast(suffix.count))
    }

    static func name(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, 3 - text.count)) + text + suffix
    }
}
