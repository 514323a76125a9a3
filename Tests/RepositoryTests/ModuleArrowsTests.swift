import Testing

/// Imports point in one direction: JSON <- Model <- {PolicyCEL, Shell, Egress, Safety} <- {MCP, Policy, ...} <-
/// Ports <- Governor <- {Witness, Notification, Sandboxes, Hooks, PolicyReview} <- Evidence <- Administration <-
/// ChangeReview <- Edge <- Configuration <- Running <- commands <- Programs. Of the edges only the console needs
/// the gateway; the others know only its ports, and are built in parallel with it.
struct ModuleArrowsTests {
    /// The layers of the modules; a module imports only from earlier layers, never from its own.
    private enum Layer: Int, Comparable {
        case json, model, cel, pure, settings, ports, governor, witness, notification, sandboxes,
            review,
            evidence, incidents, administration, changeReview, promotions, markup, schemas,
            api, edge,
            configuration,
            deployment
        /// The search for secrets, which commands share.
        case safety
        /// The commands on which other commands are built.
        case running
        /// Commands that are modules of their own.
        case commands
        /// The reading of a log, which commands share.
        case logReading
        /// Commands that read policies as those of the policy do.
        case policyUsers
        /// A gateway as a member of a cluster, on the commands of clusters.
        case serving
        case programs

        static func < (a: Layer, b: Layer) -> Bool { a.rawValue < b.rawValue }

        /// The system modules that a layer may import.
        var system: Set<String> {
            switch self {
            case .json, .model, .cel, .pure, .settings, .ports, .governor, .witness, .notification,
                .sandboxes, .review, .evidence, .incidents, .administration, .changeReview,
                .promotions:
                ["Synchronization"]
            case .markup, .schemas, .api, .edge, .configuration, .deployment, .safety, .running,
                .commands, .logReading,
                .policyUsers, .serving, .programs:
                ["Synchronization", "Glibc", "CLinux"]
            }
        }
    }

    private struct Import {
        let file: String
        let line: Int
        let module: String
    }

    @Test func `every import follows the arrows`() throws {
        let layers = modules()
        let shims = Set(folders(under: "Sources/C"))
        var count = 0
        for file in Repository.files(under: "Sources", endingIn: [".swift"])
        where !file.hasPrefix(Self.verifier) {
            let layer = try #require(self.layer(of: file), "\(file) lies in no layer")
            for found in imports(of: file) {
                count += 1
                let allowed: Bool
                if let other = layers[found.module] {
                    allowed =
                        other < layer
                        && (layer != .edge || other <= .ports || file.hasPrefix(Self.console))
                } else if shims.contains(found.module), found.module != "CLinux" {
                    allowed =
                        layer == .edge || layer == .markup
                        || (file.hasPrefix(Self.adapter) && found.module == "CHookGuard")
                } else {
                    allowed = layer.system.contains(found.module)
                }
                #expect(allowed, "\(found.file):\(found.line) imports \(found.module)")
            }
        }
        #expect(count > 50)
    }

    static let console = "Sources/Edge/Console/"
    static let verifier = "Sources/Programs/interlock-verify/"

    /// The verifier checks what the other modules write, so it must not share their mistakes.
    @Test func `the small verifier uses libcrypto and nothing of the package`() {
        let files = Repository.files(under: "Sources", endingIn: [".swift"])
            .filter { $0.hasPrefix(Self.verifier) }
        let found = Set(files.flatMap(imports).map(\.module))
        #expect(found == ["Glibc", "COpenSSL"])
        let code = files.flatMap(Repository.lines).map { $0.drop(while: \.isWhitespace) }
            .filter { !$0.isEmpty && !$0.hasPrefix("//") }
        #expect(code.count > 500 && code.count <= 5400, "it has \(code.count) lines of code")
    }

    static let adapter = "Sources/Programs/interlock-hook/"

    /// Everything that the adapter links is started for each call of a coding agent, and can end it in another way
    /// than with exit 0 or 2.
    @Test func `the hook adapter links libc, its guard and three pure modules`() {
        let files = Repository.files(under: "Sources", endingIn: [".swift"])
            .filter { $0.hasPrefix(Self.adapter) }
        let found = Set(files.flatMap(imports).map(\.module))
        #expect(
            found == [
                "Glibc", "CLinux", "CHookGuard", "InterlockJSON", "InterlockModel",
                "InterlockHooks",
            ])
    }

    @Test(arguments: [
        ("import Glibc", "Glibc"), ("package import InterlockJSON", "InterlockJSON"),
        ("@_exported public import Foundation", "Foundation"), ("  import Glibc  // why", "Glibc"),
        ("import struct Foundation.Data", "Foundation"), ("import Glibc.POSIX", "Glibc"),
        ("@testable import InterlockModel", "InterlockModel"), ("// import Glibc", nil),
        ("let text = \"import Glibc\"", nil), ("importance()", nil),
    ])
    func `an import is recognised in each of its forms`(_ line: String, _ module: String?) {
        #expect(importedModule(line) == module)
    }

    private func modules() -> [String: Layer] {
        var layers: [String: Layer] = [
            "InterlockPorts": .ports, "InterlockGovernor": .governor,
            "InterlockLeasedLimits": .governor, "InterlockRunAssignment": .governor,
            "InterlockWitness": .witness, "InterlockClusterNodes": .witness,
            "InterlockNotification": .notification,
            "InterlockAdministration": .administration, "InterlockConfiguration": .configuration,
            "InterlockCommandLine": .configuration, "InterlockDeployment": .deployment,
            "InterlockRelay": .commands, "InterlockRunning": .running,
            "InterlockSandboxes": .sandboxes, "InterlockHookDecisions": .sandboxes,
            "InterlockEvidence": .evidence, "InterlockIncidents": .incidents,
            "InterlockChangeReview": .changeReview, "InterlockChangeGate": .changeReview,
            "InterlockTrustStages": .changeReview, "InterlockTrustQueries": .changeReview,
            "InterlockReadiness": .changeReview, "InterlockStatusCommands": .policyUsers,
            "InterlockPromotions": .promotions, "InterlockReviews": .promotions,
            "InterlockSelfTest": .changeReview, "InterlockSelfTesting": .policyUsers,
            "InterlockLogReading": .logReading,
            "InterlockSafetyCommands": .safety,
            "InterlockWorkspaceCommands": .commands,
            "InterlockPolicyCommands": .commands, "InterlockHookCommands": .commands,
            "InterlockProvenanceCommands": .commands, "InterlockDoctorCommands": .commands,
            "InterlockWitnessing": .commands, "InterlockEvalTrials": .commands,
            "InterlockApprovalCommands": .commands, "InterlockIncidentCommands": .commands,
            "InterlockEvidenceCommands": .commands,
            "InterlockTraceExport": .commands, "InterlockSignerCommands": .commands,
            "InterlockClusterCommands": .policyUsers, "InterlockClusterServing": .serving,
            "InterlockEvalCommands": .policyUsers, "InterlockTrustCommands": .policyUsers,
            "InterlockReviewCommands": .policyUsers,
        ]
        for name in folders(under: "Sources/Pure") {
            layers["Interlock\(name)"] = pure(name)
        }
        for name in folders(under: "Sources/Edge") {
            layers["Interlock\(name)"] = edge(name)
        }
        return layers
    }

    /// Edges do not depend on one another; those below the console know the gateway too.
    private func edge(_ folder: String) -> Layer {
        switch folder {
        case "Markup": .markup
        case "Schemas": .schemas
        case "API": .api
        default: .edge
        }
    }

    private func layer(of file: String) -> Layer? {
        let parts = file.split(separator: "/")
        switch parts[1] {
        case "Pure": return pure(String(parts[2]))
        case "Gateway":
            return switch parts[2] {
            case "Ports": .ports
            // The governor knows its port alone.
            case "Governor", "LeasedLimits", "RunAssignment": .governor
            case "Witness", "ClusterNodes": .witness
            case "Notification": .notification
            case "Sandboxes", "Hooks": .sandboxes
            case "ChangeReview", "ChangeGate", "TrustStages", "TrustQueries", "Readiness",
                "SelfTest":
                .changeReview
            case "Promotions", "Reviews": .promotions
            case "Evidence": .evidence
            case "Incidents": .incidents
            default: .administration
            }
        case "Edge": return edge(String(parts[2]))
        case "Programs":
            return switch parts[2] {
            case "Configuration", "CommandLine": .configuration
            case "Deployment": .deployment
            case "SafetyCommands": .safety
            case "Running": .running
            case "Relay", "WorkspaceCommands", "PolicyCommands", "HookCommands",
                "ProvenanceCommands", "DoctorCommands", "Witnessing", "EvalTrials",
                "ApprovalCommands", "IncidentCommands", "EvidenceCommands",
                "TraceExport", "SignerCommands":
                .commands
            case "LogReading": .logReading
            case "EvalCommands", "TrustCommands", "StatusCommands", "SelfTesting",
                "ReviewCommands", "ClusterCommands":
                .policyUsers
            case "ClusterServing": .serving
            default: .programs
            }
        default: return nil
        }
    }

    private func pure(_ name: String) -> Layer {
        switch name {
        case "JSON": .json
        case "Model": .model
        // The languages that a policy contains, and the hosts that it names.
        case "PolicyCEL", "Shell", "Egress", "Safety": .cel
        // The governor decides without them.
        case "PolicyReview", "Doctor": .review
        // Runs are counted from the log, with the statistics of evals.
        case "Trust": .review
        // Spans are made of records.
        case "Tracing": .review
        // The figures of evidence packs are counted from the log.
        case "EvidencePack": .review
        // Samples and sign-offs name tiers and stages.
        case "Review": .evidence
        // The files of hosts are generated from the facts about their hooks.
        case "HostSettings": .settings
        // Cases are calls under a policy; the governor reads the results.
        case "Evals": .settings
        // Leased units are counted by the windows of limits.
        case "Cluster": .settings
        // Entries of its chain are judged by the rules of people and of policies.
        case "ClusterOrders": .evidence
        // The logs of nodes are compared with the entries of its chain.
        case "ClusterAudit": .evidence
        // A log's key signs trees of the log and statements of its node.
        case "Signing": .settings
        default: .pure
        }
    }

    private func folders(under folder: String) -> [String] {
        let depth = folder.split(separator: "/").count
        let names = Repository.files(under: folder, endingIn: [".swift", ".h", ".c"])
            .map { String($0.split(separator: "/")[depth]) }
        return Array(Set(names)).sorted()
    }

    private func imports(of file: String) -> [Import] {
        Repository.lines(of: file).enumerated().compactMap { index, part in
            let line = String(part)
            guard Repository.has("import", in: line) else { return nil }
            return importedModule(line).map { Import(file: file, line: index + 1, module: $0) }
        }
    }

    /// The module that a line imports; a member import counts as one of its module.
    private func importedModule(_ line: String) -> String? {
        let words = line.split(whereSeparator: \.isWhitespace)
        let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
        let rest = words.drop { $0.hasPrefix("@") || modifiers.contains($0) }
        guard rest.first == "import" else { return nil }
        let kinds: Set<Substring> = [
            "struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor",
        ]
        let name = rest.dropFirst().drop { kinds.contains($0) }.first
        return name?.split(separator: ".").first.map(String.init)
    }
}
