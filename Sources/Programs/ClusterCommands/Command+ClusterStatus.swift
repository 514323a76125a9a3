import InterlockClusterStore
package import InterlockCommandLine
import InterlockCredentials

extension Command {
    package static let clusterStatus = Command(
        "cluster status", "what the shared database knows of a cluster and its nodes",
        example: "interlock cluster status --json",
        options: [.directory, ClusterDatabase.option, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            Logs in as the node of `cluster.node`. The database has no time of a heartbeat: it is read for two seconds at \
            most, until the beat of each live node has changed. Exit 1: a part is not well, each named in a line. Leases, \
            revisions and runs are known to nodes alone.
            """
    ) { invocation in
        let database = try ClusterDatabase(invocation)
        let connection = try database.connect()
        let report: ClusterReport
        do throws(StatusFailure) {
            let clock = ContinuousClock()
            let trip = try connection.roundTrip()
            let start = clock.now
            let steps = ClusterSchema.steps(hashing: OpenSSLHashing()).count
            var observation = ClusterObservation(try connection.status(), steps: steps)
            while !observation.isOver {
                // Its only error is the end of the task, which is that of the program.
                try? await Task.sleep(for: .milliseconds(100))
                observation.add(try connection.status(), after: clock.now - start)
            }
            report = ClusterReport(
                observation: observation, roundTrip: trip, label: database.label)
        } catch {
            switch error {
            case .store(let failure): throw database.failure(failure)
            case .unreadable(let fault): throw Failure(.data, database.message("\(fault)"))
            }
        }
        let problems = report.observation.problems
        if invocation.isJSON {
            Output.json(report.json)
        } else {
            for line in report.lines { Output.line(line) }
            invocation.print(table: report.nodes, report.columns, nothing: "no node")
            for problem in problems { Output.line(TerminalEscaping.shown("not well: \(problem)")) }
        }
        return problems.isEmpty ? .ok : .no
    }
}
