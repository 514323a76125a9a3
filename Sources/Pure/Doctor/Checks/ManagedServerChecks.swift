import InterlockHooks
import InterlockJSON

/// The managed list of MCP servers, which replaces all lists of users and projects.
struct ManagedServerChecks {
    let checks: [DoctorCheck]
    /// True if the host starts the servers of this list alone, and the gateway is the only one.
    let isInEffect: Bool
    /// The addresses of the gateway, by the names under which the host knows them.
    let names: [String]
    let addresses: [String]

    init(_ facts: DoctorFacts) {
        guard let file = facts.managedServers else {
            (checks, isInEffect, names, addresses) = ([], false, [], [])
            return
        }
        do throws(FileFault) {
            let servers = try Self.read(file, facts.user)
            names = servers.map(\.name)
            addresses = servers.map(\.address)
            isInEffect = true
            checks = [
                DoctorCheck(
                    .managedServers, file.path, facts.managedVerdict,
                    "the only server is the gateway at `\(addresses.joined(separator: "`, `"))`")
            ]
        } catch {
            (isInEffect, names, addresses) = (false, [], [])
            checks = [
                DoctorCheck(
                    .managedServers, file.path, .failed, error.cause,
                    help: error.help ?? facts.installHelp)
            ]
        }
    }

    /// - Throws: a fault if the list is not in effect, or has another server than the gateway.
    static func read(
        _ file: FileFacts, _ user: DoctorFacts.User
    ) throws(FileFault) -> [(name: String, address: String)] {
        let bytes = try file.requiredBytes()
        if let weakness = file.weakness(isRootMapped: user.isRootMapped) {
            throw FileFault(weakness, help: FileFault.ownerHelp)
        }
        guard let table = try FileFacts.object(bytes)["mcpServers"]?.object else {
            throw FileFault("has no object `mcpServers`")
        }
        guard !table.isEmpty else { throw FileFault("lists no server") }
        var servers: [(name: String, address: String)] = []
        for (name, value) in table.members {
            guard sameBytes(name, "interlock"), value["type"] == "http",
                let address = value["url"]?.string
            else { throw FileFault("server `\(name)` is not the gateway") }
            servers.append((name, address))
        }
        return servers
    }
}
