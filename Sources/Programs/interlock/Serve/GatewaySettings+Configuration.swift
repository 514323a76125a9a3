import InterlockAdministration
import InterlockConfiguration
import InterlockConsole
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts

extension GatewaySettings {
    init(_ configuration: Configuration) {
        self.init()
        hosts = Set(texts: configuration.mcp.hosts)
        origins = Set(texts: configuration.mcp.origins)
        resource = ProtectedResource(configuration)
        bodyLimitBytes = configuration.mcp.maxBody
        jsonDepthLimit = configuration.mcp.jsonDepth
        upstreamIdleLimit = configuration.mcp.idleTimeout
        upstreamHardLimit = configuration.mcp.hardTimeout
        hold = configuration.mcp.hold
        longHold = configuration.mcp.longHold
        startPatience = .seconds(5)
        approvalPages = configuration.approvals.servedConsole?.link("/approvals")
        durability = configuration.ledger.durability
        monitoring = configuration.detectors
        beat = configuration.ledger.beat
        doors = configuration.limits.doors
    }
}
