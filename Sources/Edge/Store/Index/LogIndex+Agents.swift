extension LogIndex {
    /// Where the newest records of one agent are that are of one of these types, the newest first.
    ///
    /// - Parameter among: records of the agent that are looked at, so that the work has an end.
    package func newest(
        of agent: String, types: [String], among: Int, most: Int
    ) throws(IndexFailure) -> [IndexHit] {
        do throws(DatabaseError) {
            guard let number = try number(known: agent) else { return [] }
            var wanted: Set<Int64> = []
            for type in types {
                if let number = try self.number(known: type) { wanted.insert(number) }
            }
            var hits: [IndexHit] = []
            var left = among
            // Part by part: within one its own index has the newest first.
            for part in parts.newestFirst where left > 0 && hits.count < most {
                let rows = try database.run(
                    """
                    SELECT idx, hash, type FROM \(IndexSchema.name(ofPart: part))
                    WHERE agent = ? ORDER BY ts DESC LIMIT ?
                    """,
                    .integer(number), .integer(Int64(left)))
                left -= rows.count
                for row in rows where hits.count < most {
                    guard let type = row[2].integer, wanted.contains(type),
                        let index = row[0].integer.flatMap(UInt64.init(exactly:)),
                        let hash = row[1].digest
                    else { continue }
                    hits.append(IndexHit(index: index, hash: hash))
                }
            }
            return hits.sorted { $0.index > $1.index }
        } catch {
            throw IndexFailure("the index cannot be searched: \(error.reason)")
        }
    }
}
