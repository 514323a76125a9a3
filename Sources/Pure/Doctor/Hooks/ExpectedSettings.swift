import InterlockHooks
import InterlockHostSettings
import InterlockJSON

/// The managed settings that the installer writes for a host here: the measure of what is found.
struct ExpectedSettings: Sendable {
    /// The content of the file with the hooks.
    let bytes: [UInt8]
    /// Its object, or nil for a host whose file is not JSON.
    let root: JSONObject?
    let hooks: HookTable
    let adapter: String

    /// - Parameter isRun: inside `interlock run`, whose launcher supplies the files.
    init(_ host: HookHost, isRun: Bool) {
        // The address is part of the list of servers alone, which is not compared.
        let location =
            isRun
            ? HostSettings.Location.run(model: nil)
            : .machine(gateway: "http://127.0.0.1:7400/mcp", hidden: [])
        bytes = (try? HostSettings(host, location))?.files.first?.content ?? []
        root = (try? JSONValue(parsing: bytes, limits: .agent))?.object
        hooks = HookTable(root ?? [:], of: host)
        adapter = isRun ? HookPaths.adapterInRun : HookPaths.adapter
    }
}
