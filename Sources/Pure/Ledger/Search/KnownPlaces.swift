/// The places in a log of all records of a few types, so that a start reads these and the log's end instead of the
/// whole log. It is continued while the log grows and written into the log (`log.places`): what a start finds there
/// cannot be changed without changing the log.
package struct KnownPlaces: Sendable {
    package let types: [RecordType]
    /// The index of the first record that is not included.
    package private(set) var next: UInt64
    /// The newest record of the log that has some of these places, and its index.
    package private(set) var newest: (index: UInt64, places: RecordPlaces)?
    /// The places that are in no record yet, ascending.
    private var unwritten: [RecordPlaces.Position] = []

    /// No places yet; the reading begins with the first record.
    package init(of types: [RecordType]) {
        self.types = types
        next = 0
    }

    /// The places that the log has, and those before which it names.
    package init(continuing newest: RecordPlaces, at index: UInt64) {
        types = newest.types
        next = newest.upTo
        self.newest = (index, newest)
    }

    package mutating func take(_ type: RecordType, at index: UInt64) {
        unwritten.append(RecordPlaces.Position(type: type, index: index))
        next = index + 1
    }

    /// - Parameter end: the index of the first record that was not read.
    package mutating func pass(upTo end: UInt64) { next = max(next, end) }

    /// The content of the next record: the places of the newest one too while both fit, otherwise its index.
    package var draft: RecordPlaces {
        let kept = newest?.places.places ?? []
        let fits = kept.count + unwritten.count <= RecordPlaces.most
        let left = fits ? nil : unwritten.dropFirst(RecordPlaces.most).first
        return RecordPlaces(
            types: types, upTo: left?.index ?? next,
            earlier: fits ? newest?.places.earlier : newest?.index,
            places: fits ? kept + unwritten : Array(unwritten.prefix(RecordPlaces.most)))
    }

    /// Notes that the log has this draft. Another draft follows until `isWritten`.
    package mutating func written(_ places: RecordPlaces, at index: UInt64) {
        unwritten.removeAll { $0.index < places.upTo }
        newest = (index, places)
    }

    package var isWritten: Bool { newest?.places.upTo == next }
}
