import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Invariants {
    /// A lock is written as it was read, its digest is that of its canonical form, and every pin and floor follows from
    /// the definition. A rejected lock yields a finding of one visible line.
    package static func lock(_ bytes: [UInt8]) {
        let hashing = OpenSSLHashing()
        let lock: PolicyLock
        do throws(FormError) { lock = try PolicyLock(parsing: bytes, hashing: hashing) } catch {
            let finding = Finding(lock: error, file: "interlock.lock", bytes: bytes)
            precondition(!finding.text.utf8.contains(0x0a), "a finding is one line")
            return
        }
        let read = try? JSONValue(
            parsing: bytes, limits: JSONLimits(depth: 64, bytes: PolicyLock.largest))
        let canonical = try? read?.canonical()
        precondition((try? lock.canonical()) == canonical, "a lock is written as it was read")
        precondition(canonical.map { hashing.sha256($0) } == lock.digest, "the digest is its own")
        precondition(lock.servers.count <= PolicyLock.mostServers, "bounded servers")
        for server in lock.servers.values {
            precondition(server.tools.count <= LockedServer.mostTools, "bounded tools")
            for (name, tool) in server.tools {
                precondition(tool.definition["name"]?.string == name.text, "a tool has one name")
                let pinned = try? tool.definition.canonical()
                precondition(pinned.map { hashing.sha256($0) } == tool.pin, "a pin is its own")
                let isDestructive = tool.definition["annotations"]?["destructiveHint"] == true
                precondition((tool.floor == .destructive) == isDestructive, "a floor is its own")
                precondition(tool.override == nil || tool.floor != nil, "an override has a floor")
            }
        }
    }
}

extension Invariants {
    /// An accepted `server.json` fits into a lock: one version, and for each transport one command or one URL.
    package static func manifest(_ bytes: [UInt8]) {
        let (name, version) = ("io.example/time", "2026.10.19")
        if let entry = try? RegistryEntry(parsing: bytes, name: name, version: version) {
            precondition((entry.message?.count ?? 0) <= 500, "a bounded message")
        }
        guard let manifest = try? ServerManifest(parsing: bytes) else { return }
        precondition(LockedServer.registryName(manifest.name) != nil, "a name of the registry")
        precondition(LockedServer.exactVersion(manifest.version) != nil, "one version")
        precondition(!manifest.ways.isEmpty, "a way to the server")
        for way in manifest.ways {
            switch way {
            case .remote(let url, _): precondition(!url.contains("{"), "no variables")
            case .package(let package):
                precondition(package.registry != .mcpb || package.digest != nil, "a digest")
                precondition(!package.argv.isEmpty, "a command")
                precondition(package.argv.allSatisfy { !$0.contains("{") }, "no variables")
            }
        }
    }
}
