import InterlockCluster

extension StoreConnection {
    /// Reads the state of the store and its nodes, with the login of a node.
    package func status() throws(StatusFailure) -> StoreStatus {
        let rows = try read("SELECT * FROM il_v\(ClusterSchema.version).status()", [])
        guard let row = rows.first, rows.count == 1 else {
            throw .unreadable(
                StoreRowFault(function: "status", column: "*", reason: "one row was expected"))
        }
        let reader: RowReader
        let generation: String
        do throws(ClusterCallFailure) {
            reader = try RowReader(
                row, ["steps", "min", "generation", "open", "standby", "fault", "head"],
                of: "status")
            generation = try reader.text("generation", StoreLimits.generation)
        } catch { throw StatusFailure(error) }
        let nodes = try read(Self.nodes, [.text(generation)])
        do throws(ClusterCallFailure) {
            return try Self.status(reader, generation, nodes)
        } catch { throw StatusFailure(error) }
    }

    /// The time that the store takes to answer a statement that reads nothing: the least of five.
    package func roundTrip() throws(StatusFailure) -> Duration {
        let clock = ContinuousClock()
        var least: Duration?
        for _ in 0..<5 {
            let start = clock.now
            _ = try read("SELECT 1", [])
            least = min(least ?? .seconds(3600), clock.now - start)
        }
        return least ?? .zero
    }

    private func read(
        _ statement: String, _ values: [StoreValue]
    ) throws(StatusFailure) -> [[StoreColumn]] {
        do throws(StoreCallFailure) { return try run(statement, values) } catch {
            throw .store(error)
        }
    }

    private static let nodes = """
        SELECT d.name, d.state, d.inc, d.beat, d.applied, d.version,
            d.generation IS NOT DISTINCT FROM $1, d.restored IS NOT DISTINCT FROM $1,
            EXISTS (SELECT FROM il.control c WHERE c.n = d.applied AND c.digest = d.head)
          FROM il.node d ORDER BY d.name COLLATE "C"
        """

    private static func status(
        _ reader: RowReader, _ generation: String, _ nodes: [[StoreColumn]]
    ) throws(ClusterCallFailure) -> StoreStatus {
        let hasFirst = !reader.isNull("standby")
        return StoreStatus(
            steps: Int(try reader.integer("steps", StoreLimits.versions)),
            oldestVersion: hasFirst ? Int(try reader.integer("min", StoreLimits.versions)) : nil,
            generation: generation,
            isOpen: try reader.flag("open"),
            needsStandby: hasFirst ? try reader.needsStandby("standby") : nil,
            fault: reader.isNull("fault") ? nil : try reader.text("fault", 0...1024),
            head: reader.isNull("head") ? nil : try reader.integer("head", StoreLimits.numbers),
            nodes: try nodes.map(node))
    }

    private static func node(
        _ row: [StoreColumn]
    ) throws(ClusterCallFailure) -> StoreStatus.Node {
        let reader = try RowReader(
            row,
            [
                "name", "state", "inc", "beat", "applied", "version", "beaten", "put_back",
                "in_chain",
            ], of: "il.node")
        return StoreStatus.Node(
            name: try reader.node("name"),
            state: try reader.made("state", "a state of a node") {
                StoreStatus.Node.State(rawValue: $0)
            },
            incarnation: try reader.integer("inc", StoreLimits.numbers),
            beat: try reader.integer("beat", StoreLimits.numbers),
            applied: try reader.integer("applied", -1...StoreLimits.numbers.upperBound),
            version: Int(try reader.integer("version", 0...StoreLimits.versions.upperBound)),
            hasBeaten: try reader.flag("beaten"), hasPutBack: try reader.flag("put_back"),
            isInChain: try reader.flag("in_chain"))
    }
}
