import InterlockJSON
package import InterlockModel

/// The digest of a state, by which nodes compare what they have applied.
///
/// It does not cover the head, which the chain's own digests do, nor the uses of requests that have ended: a node that
/// reads the chain after these were dropped must come to the same digest.
extension ChainState {
    /// SHA-256 of the canonical JSON of the state.
    package func digest(hashing: any Hashing) -> Digest {
        // Each number is an integer of the entries, and these are within the range of canonical JSON.
        let bytes = (try? json.canonical()) ?? json.serialized()
        return hashing.sha256(bytes)
    }

    private var json: JSONValue {
        var object: JSONObject = [
            "org": .string(org), "genesis": .string(genesis.prefixed), "standby": .bool(hasStandby),
        ]
        object["people"] = people.json
        object["epoch"] = .integer(halts.epoch)
        object["halts"] = .array(
            halts.sortedArrivals.map { arrival -> JSONValue in
                .array([.string(arrival.statement.hex), .integer(arrival.number)])
            })
        object["released"] = .array(halts.sortedReleased.map { .string($0.hex) })
        object["members"] = .array(members.values.sorted { $0.name < $1.name }.map(\.stateJSON))
        object["requests"] = .array(requestRows)
        object["runs_ended"] = .texts(runsEnded.map(\.text))
        object["tokens_ended"] = .texts(tokensEnded.map(\.text))
        object["quarantines"] = .entryTimes(quarantines.map { ($0.key.text, $0.value) })
        object["pauses"] = .entryTimes(pauses.map { ($0.key.text, $0.value) })
        object["elevations"] = .times(elevations.map { ($0.key.text, $0.value) })
        object["elevations_ended"] = .texts(elevationsEnded.map(\.text))
        object["demotions"] = .array(
            demotions.sorted { $0.key < $1.key }.map { row -> JSONValue in
                .array([
                    .string(row.key.text), .integer(Int64(row.value.to.number)),
                    .entryTime(row.value.at),
                ])
            })
        object["counted"] = .texts(counted.map(\.hex))
        object["snapshots"] = .array(
            snapshots.times.sorted { $0.key < $1.key }.map { row -> JSONValue in
                .array([.integer(row.key), .entryTime(row.value)])
            })
        object["stated"] = .times(clock.stated.map { ($0.key.text, $0.value) })
        object["time"] = clock.time.map { .integer($0.microseconds) }
        object["dropped"] = .integer(snapshots.dropped)
        if !permits.isEmpty {
            object["permits"] = .array(
                permits.sorted { $0.key.hex < $1.key.hex }.map { row -> JSONValue in
                    .array([.string(row.key.hex), .integer(Int64(row.value))])
                })
        }
        if let revision { object["revision"] = .string(revision.prefixed) }
        if let horizon = requests.horizon { object["horizon"] = .integer(horizon.microseconds) }
        return .object(object)
    }

    /// The requests that live, with the numbers of their uses, and those that ended, without.
    private var requestRows: [JSONValue] {
        requests.requests.sorted { $0.key.text < $1.key.text }.map { row -> JSONValue in
            let id = JSONValue.string(row.key.text)
            if let ended = row.value.ended { return .array([id, .integer(ended)]) }
            return .array([id, .array(row.value.uses.keys.sorted().map { .integer($0) })])
        }
    }
}

extension Member {
    fileprivate var stateJSON: JSONValue {
        var object = keys.json
        object["expelled"] = expelled.map { .integer($0.number) }
        if status == .retired { object["retired"] = true }
        return .object(object)
    }
}

extension JSONValue {
    /// Texts in the order of their bytes.
    fileprivate static func texts(_ texts: [String]) -> JSONValue {
        .array(texts.map { ExactText($0) }.sorted().map { .string($0.text) })
    }

    fileprivate static func entryTimes(_ times: [(String, EntryTime)]) -> JSONValue {
        rows(times.map { ($0.0, .entryTime($0.1)) })
    }

    /// A time, and the first later entry that had an earlier one.
    fileprivate static func entryTime(_ time: EntryTime) -> JSONValue {
        guard let earlier = time.earlier else { return .array([.integer(time.at.microseconds)]) }
        return .array([
            .integer(time.at.microseconds), .string(earlier.node.text),
            .integer(earlier.at.microseconds),
        ])
    }

    fileprivate static func times(_ times: [(String, Timestamp)]) -> JSONValue {
        rows(times.map { ($0.0, .integer($0.1.microseconds)) })
    }

    /// Names and their values, in the order of the names' bytes.
    private static func rows(_ rows: [(String, JSONValue)]) -> JSONValue {
        let sorted = rows.map { (ExactText($0.0), $0.1) }.sorted { $0.0 < $1.0 }
        return .array(sorted.map { row -> JSONValue in .array([.string(row.0.text), row.1]) })
    }
}
