import InterlockCluster
package import InterlockClusterStore
package import InterlockCommandLine
import InterlockConfiguration
package import InterlockDeployment

/// The database that the nodes of a cluster share, and the login with which a command uses it.
package struct ClusterDatabase: Sendable {
    private let parameters: PostgresParameters
    /// The time to connect, and that of one statement.
    private let deadline: Duration

    static let option = Option(
        "--postgres PARAMETERS",
        "the database and login, as libpq has them [default: `store.postgres`]")

    /// The database of the command line, or else of the deployment.
    ///
    /// - Parameter user: the login that takes the place of the node's.
    /// - Throws: exit 64 for an option that is no connection; 66 if no database is named.
    init(_ invocation: Invocation, user: String? = nil) throws(Failure) {
        guard let text = invocation[Self.option.name] else {
            let deployment = try Deployment.open(invocation)
            let configuration = deployment.configuration
            guard let found = configuration.store.postgres else {
                throw Failure(
                    .notFound,
                    "`store.postgres` is not set in `\(deployment.directory)/\(ConfigurationFile.name)`",
                    help: "name the database there, or with `\(Self.option.dashed)`")
            }
            let node = configuration.cluster.node
            let login = user ?? found["user"] ?? (node.isEmpty ? nil : node)
            parameters = login.map { found.setting("user", to: $0) } ?? found
            deadline = configuration.store.deadline
            return
        }
        do throws(PostgresParameters.FormError) {
            let found = try PostgresParameters(text)
            let login = found["user"] ?? user
            parameters = login.map { found.setting("user", to: $0) } ?? found
        } catch {
            throw Failure(
                .usage, "`\(Self.option.dashed)` must be a connection of libpq, \(error.reason)")
        }
        deadline =
            Deployment.isAtHand(invocation)
            ? try Deployment.open(invocation).configuration.store.deadline
            : Configuration().store.deadline
    }

    /// The database of a node that serves, with the login of the node.
    ///
    /// - Throws: exit 66 if no database is named.
    package init(of deployment: Deployment) throws(Failure) {
        let configuration = deployment.configuration
        guard let found = configuration.store.postgres else {
            throw Failure(
                .notFound,
                "`store.postgres` is not set in `\(deployment.directory)/\(ConfigurationFile.name)`",
                help: "name the database there")
        }
        parameters = found.setting("user", to: configuration.cluster.node)
        deadline = configuration.store.deadline
    }

    /// Connections of a node that serves; they must be closed.
    package func pool(_ settings: PoolSettings) -> StorePool {
        StorePool(settings, parameters: parameters.connection)
    }

    /// The beginning of messages: the database with its hosts.
    var label: String { "database \(parameters.label)" }
    /// The login; empty if it is not stated.
    var user: String { parameters["user"] ?? "" }

    func connect() throws(Failure) -> StoreConnection {
        do throws(StoreCallFailure) {
            return try StoreConnection(parameters.connection, limit: deadline)
        } catch {
            guard case .unknown(let reason) = error else { throw failure(error) }
            throw Failure(
                .unavailable, message(reason),
                help: "is PostgreSQL running, and is it reached at `host` and `port`?")
        }
    }

    /// The functions of the store as one node calls them, while `body` runs.
    ///
    /// - Throws: the failure to connect, which a pool would repeat until it is late.
    func withStore<Value>(
        of node: NodeName, _ body: (ClusterStore) async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        _ = try connect()
        var settings = PoolSettings()
        settings.connections = 1
        settings.deadline = deadline
        let pool = StorePool(settings, parameters: parameters.connection)
        defer { pool.close() }
        return try await body(ClusterStore(node, pool))
    }

    /// The end of a command whose call failed.
    func failure(_ failure: ClusterCallFailure) -> Failure {
        switch failure {
        case .refused(.notCompared, _):
            Failure(
                .no, message(failure.description),
                help: "PostgreSQL was restarted: nodes compare what they have first")
        case .refused: Failure(.no, message(failure.description))
        case .unfit, .unreadable: Failure(.data, message(failure.description))
        case .unknown(let reason):
            Failure(
                .unavailable, message(reason),
                help: "what the database did is not known; the command may be run again")
        }
    }

    /// The end of a command whose statement failed.
    func failure(_ failure: StoreCallFailure) -> Failure {
        switch failure {
        case .refused(let code, let reason): refusal(code, reason)
        case .unknown(let reason):
            Failure(
                .unavailable, message(reason),
                help: "what the database did is not known; the command may be run again")
        case .busy(let reason): Failure(.tryAgain, message(reason))
        case .expelled, .noStandby, .closed, .notCompared:
            Failure(.no, message(failure.description))
        }
    }

    private func refusal(_ code: String, _ reason: String) -> Failure {
        let text = message("\(reason) (\(code))")
        switch code {
        case "28P01", "28000":
            return Failure(
                .notPermitted, text,
                help: "a password belongs in the file of `passfile`, ~/.pgpass or $PGPASSWORD")
        case "42501":
            return Failure(
                .notPermitted, text,
                help: "log in as `il_migrate` to migrate, and as a role in `il_node` to read; "
                    + Self.roles)
        case "3D000":
            return Failure(
                .notFound, text, help: "an administrator makes it: CREATE DATABASE interlock")
        case "3F000", "42P01", "42883":
            return Failure(.notFound, text, help: "run `interlock cluster migrate` first")
        case "25006", "55000":
            return Failure(
                .unavailable, text,
                help: "a standby answered; `target_session_attrs=read-write` takes the primary")
        default:
            return Failure(.unavailable, text)
        }
    }

    /// One line about this database. The server chose a part of it.
    package func message(_ reason: String) -> String {
        TerminalEscaping.shown("\(label): \(reason)")
    }

    /// The help for a database without the roles.
    static let roles =
        "`interlock cluster migrate --roles-sql` prints the roles for an administrator"
}
