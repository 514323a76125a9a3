import InterlockModel

extension CommitChange {
    /// The trailers that the commit should have: for each run that wrote one of its files, and for each run that its
    /// message names already, as long as the commit still changes a file of that extent. A rebased or edited file stays
    /// part of the extent that named it.
    package func trailers(by contents: WrittenContents) throws(TrailerFault) -> [AgentTrailers] {
        let earlier = try CommitMessage(message).trailers
        let byPath = Dictionary(
            files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        var parts: [(run: RunID, paths: Set<ChangedPath>)] = earlier.map { group in
            (group.run, Set(group.extent.listed.filter { byPath[$0] != nil }))
        }
        for file in files {
            let writers = contents.writers(of: file)
            guard let newest = writers.last,
                !parts.contains(where: { $0.paths.contains(file.path) && writers.contains($0.run) })
            else { continue }
            if let place = parts.firstIndex(where: { writers.contains($0.run) }) {
                parts[place].paths.insert(file.path)
            } else {
                parts.append((newest, [file.path]))
            }
        }
        return parts.compactMap { part in
            let group = earlier.first { $0.run == part.run }
            let run =
                contents.runs[part.run]
                ?? group.map {
                    WrittenContents.Run(agent: $0.agent, host: $0.host, record: $0.record)
                }
            guard let run, let extent = ChangeExtent(part.paths.compactMap { byPath[$0] }) else {
                return nil
            }
            return AgentTrailers(
                agent: run.agent, host: run.host ?? group?.host, run: part.run, extent: extent,
                record: run.record)
        }
    }
}
