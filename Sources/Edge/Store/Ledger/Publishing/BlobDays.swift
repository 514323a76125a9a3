import InterlockLedger
import InterlockModel

/// The days of the blobs in unpublished frames, as noted when their records became durable. Determining them from the
/// frames again costs more than reading the frames.
///
/// A value type, like the publication it is part of.
struct BlobDays: Sendable {
    /// The first noted record. Earlier frames were found by a start.
    private let first: UInt64
    /// Consecutive blobs of the same day, oldest first.
    private var stretches: [(day: CivilDate, count: Int)] = []
    /// The number of stretches that were taken completely.
    private var taken = 0
    /// The run of the last noted record: consecutive records mostly have the same.
    private var run: (id: RunID, day: CivilDate)?

    /// - Parameter first: the size of the log before the first record that will be noted.
    init(from first: UInt64) { self.first = first }

    /// - Precondition: records are noted in order and without gaps.
    mutating func note(_ record: DurableRecord) {
        guard record.blobCount > 0 else { return }
        let day = day(of: record.move)
        if taken < stretches.count, stretches.last?.day == day {
            stretches[stretches.count - 1].count += record.blobCount
        } else {
            stretches.append((day, record.blobCount))
        }
    }

    private mutating func day(of move: HeadMove) -> CivilDate {
        if let run, run.id == move.run { return run.day }
        let day = PayloadDay.of(move.run, recordedAt: move.at)
        run = move.run.map { ($0, day) }
        return day
    }

    /// Returns the days of the next frame's blobs.
    /// - Precondition: frames are taken in order and without gaps.
    /// - Throws: `.damaged` if the frame holds more blobs than were noted.
    mutating func take(
        _ frame: Frame
    ) throws(LedgerFailure) -> [(day: CivilDate, places: Range<Int>)] {
        guard frame.header.first >= first else { return PayloadDay.blobs(of: frame) }
        var found: [(day: CivilDate, places: Range<Int>)] = []
        var place = 0
        while place < frame.blobs.count {
            guard taken < stretches.count else {
                throw LedgerFailure(
                    .damaged, "a blob behind record \(frame.header.first) was not written")
            }
            let count = min(stretches[taken].count, frame.blobs.count - place)
            found.append((stretches[taken].day, place..<place + count))
            place += count
            stretches[taken].count -= count
            if stretches[taken].count == 0 { taken += 1 }
        }
        if taken > stretches.count / 2 {
            stretches.removeFirst(taken)
            taken = 0
        }
        return found
    }
}
