import InterlockLedger
import InterlockModel

/// To which days the blobs of frames belong that were not published yet, as their records told it when they
/// became durable. Looking that up in the frames again costs more than reading them.
///
/// A value, as the publication that it is part of.
struct BlobDays: Sendable {
    /// The record that was noted first. Frames before it were found by a start.
    private let first: UInt64
    /// Blobs that follow one another and are of one day, oldest first.
    private var stretches: [(day: CivilDate, count: Int)] = []
    /// Of them that were taken.
    private var taken = 0
    /// Of the last record noted: most have one with its neighbour.
    private var run: (id: RunID, day: CivilDate)?

    /// - Parameter first: the size of the log before the first record that will be noted.
    init(from first: UInt64) { self.first = first }

    /// - Precondition: records are noted in their order, and none is left out.
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

    /// Which blobs of the next frame belong to which day.
    /// - Precondition: frames are taken in their order, and none is left out.
    /// - Throws: `.damaged` when the frame holds more than was written.
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
