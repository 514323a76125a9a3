import InterlockLedger
import InterlockModel

/// `cosigned/2026-11-20.notes`: the first checkpoint published in each hour, with its cosignatures, kept permanently. A
/// file holds signed notes, each followed by an empty line, so that texts and signatures alternate as paragraphs.
struct HourlyNotes: Sendable {
    private let folder: String
    private var lastHour: Int64?

    /// Room for 24 notes and some for restarts, with 64 cosignatures each.
    static let maximumBytes = 1 << 20

    init(_ folder: String) { self.folder = folder }

    /// - Returns: the file to replace if an hour began since the last note, otherwise nil.
    mutating func file(
        for note: [UInt8], at moment: Timestamp
    ) throws(SystemError) -> (path: String, bytes: [UInt8])? {
        let hour = moment.seconds / 3600
        guard hour != lastHour else { return nil }
        let path = "\(folder)/\(moment.day.text).notes"
        let before = try Folder.contents(path, limit: Self.maximumBytes) ?? []
        lastHour = hour
        guard before.count + note.count < Self.maximumBytes else { return nil }
        return (path, before + note + [UInt8(ascii: "\n")])
    }
}
