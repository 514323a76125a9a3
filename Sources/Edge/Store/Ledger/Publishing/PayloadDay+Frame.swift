import InterlockLedger
import InterlockModel

extension PayloadDay {
    /// Returns the ranges of a frame's blobs by day, which is that of the record that commits to them. Keeps their
    /// order in the frame, so that neighbours of the same day are moved as one.
    static func blobs(of frame: Frame) -> [(day: CivilDate, places: Range<Int>)] {
        var found: [(day: CivilDate, places: Range<Int>)] = []
        var last: (record: Int, day: CivilDate?)?
        for (place, blob) in frame.blobs.enumerated() {
            let owner = owner(of: blob, among: frame.records, from: last?.record ?? 0)
            if last?.record != owner { last = (owner, of(stored: frame.records[owner])) }
            guard let day = last?.day else { continue }
            if let before = found.last, before.day == day, before.places.upperBound == place {
                found[found.count - 1].places = before.places.lowerBound..<place + 1
            } else {
                found.append((day, place..<place + 1))
            }
        }
        return found
    }

    /// Finds the record that commits to a blob. Blobs follow the order of their records, so the owner is usually the
    /// last one's or the next.
    /// - Returns: the first record if no record commits to the blob.
    private static func owner(
        of blob: StoredBlob, among records: [ArraySlice<UInt8>], from last: Int
    ) -> Int {
        let name = blob.digest.base64Bytes
        return records[last...].firstIndex { $0.holds(name) }
            ?? records[..<last].firstIndex { $0.holds(name) } ?? 0
    }
}
