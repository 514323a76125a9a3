import InterlockJSON

/// The content of a record `log.places`: where the records of a few types are, up to an index.
package struct RecordPlaces: Sendable, Equatable {
    package let types: [RecordType]
    /// The index of the first record that is not included.
    package let upTo: UInt64
    /// The index of the record `log.places` whose places this one continues, or nil if it has them from the beginning.
    package let earlier: UInt64?
    /// The places, in the order of the log.
    package let places: [Position]

    package struct Position: Sendable, Equatable {
        package let type: RecordType
        package let index: UInt64

        package init(type: RecordType, index: UInt64) {
            self.type = type
            self.index = index
        }
    }

    /// The maximum number of places in one record, which has at most 4,096 bytes.
    package static let most = 256

    package init(types: [RecordType], upTo: UInt64, earlier: UInt64?, places: [Position]) {
        self.types = types
        self.upTo = upTo
        self.earlier = earlier
        self.places = places
    }

    /// - Parameter index: of the record itself, which is beyond all that it names.
    /// - Returns: nil if the record has another type or form, or a type of record that this version does not know.
    package init?(_ record: StoredRecord, at index: UInt64) {
        guard record.type == RecordType.logPlaces.rawValue,
            let upTo = record["upto"]?.integer.flatMap({ UInt64(exactly: $0) }), upTo <= index,
            let items = record["items"]?.array
        else { return nil }
        var earlier: UInt64?
        if let field = record["earlier"] {
            guard let place = field.integer.flatMap({ UInt64(exactly: $0) }), place < index else {
                return nil
            }
            earlier = place
        }
        var types: [RecordType] = []
        var places: [Position] = []
        for item in items {
            guard let type = item["type"]?.string.flatMap(RecordType.init(rawValue:)),
                let indexes = item["at"]?.array
            else { return nil }
            types.append(type)
            for value in indexes {
                guard let place = value.integer.flatMap({ UInt64(exactly: $0) }), place < upTo
                else { return nil }
                places.append(Position(type: type, index: place))
            }
        }
        self.init(
            types: types, upTo: upTo, earlier: earlier,
            places: places.sorted { $0.index < $1.index })
    }

    package var draft: RecordDraft {
        var fields: JSONObject = [
            "upto": .integer(Int64(clamping: upTo)),
            "items": .array(
                types.map { type in
                    let indexes = places.filter { $0.type == type }
                        .map { JSONValue.integer(Int64(clamping: $0.index)) }
                    return ["type": .string(type.rawValue), "at": .array(indexes)]
                }),
        ]
        if let earlier { fields["earlier"] = .integer(Int64(clamping: earlier)) }
        return RecordDraft(.logPlaces, run: nil, fields: fields)
    }
}
