// swift-tools-version: 6.3
import PackageDescription

// The modules, from the inside out. Dependencies point left only:
// JSON <- Model <- {PolicyCEL, Shell} <- Policy <- {PolicyReview, Evals}; Model <- {MCP, Approvals, Ledger, Limits <- Cluster, ...};
// {PolicyReview, Approvals, Cluster} <- ClusterOrders; {Ledger, Cluster} <- ClusterAudit;
// these <- Ports <- {Governor, Store, ClusterStore, Credentials, Transport, Sandbox};
// {Ledger, Alerts} <- Signing <- Credentials; {Cluster, Ports} <- {LeasedLimits, RunAssignment, ClusterNodes};
// Cluster <- {Credentials, Store, ClusterStore, ClusterPeers};
// Governor <- {Witness, Notification, Sandboxes, Evidence <- Incidents, Readiness};
// {Governor, PolicyReview, Witness, Notification, Sandboxes, Incidents} <- Administration <- ChangeReview;
// Administration <- {ChangeGate, TrustStages <- {Promotions, Reviews}, SelfTest}; Administration <- Markup <- Schemas;
// {ChangeReview, ChangeGate, Schemas} <- API <- Console <- Programs;
// only the edges and the programs use C modules.
//
// SwiftPM starts the modules that can be built in the reverse order of their names. Deciding is the longest chain, so
// PolicyCEL comes before Ledger and MCP, and Governor before Credentials (docs/decisions/0048).

let strict: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    // Tests read what is internal, and run on the objects that users get (docs/decisions/0134).
    + (Context.environment["FUZZ"] == nil
        ? [.unsafeFlags(["-enable-testing"], .when(configuration: .release))] : [])

/// Modules that are not on the path of a call: what people read, decide and set up, and where children start. The
/// optimizer would take most of their build (docs/decisions/0048).
let offCallPath: Set<String> = [
    "API", "Alerts", "Approvals", "Console", "Doctor", "Hosts", "Markup", "PolicyReview",
    "Sandbox",
    "Schemas",
]
let unoptimized: [SwiftSetting] =
    strict + [.unsafeFlags(["-Onone"], .when(configuration: .release))]

/// A fuzzer calls little of the governor.
let unlessFuzzed = Context.environment["FUZZ"] == nil ? strict : unoptimized

/// Of the module that every program and test links: the toolchain's linker takes a third of the time of the system's,
/// which Swift chooses by itself.
let quickLinker: [LinkerSetting] = [.unsafeFlags(["-use-ld=lld"])]

func pure(_ name: String, _ needs: Target.Dependency...) -> Target { part("Pure", name, needs) }
func edge(_ name: String, _ needs: Target.Dependency...) -> Target { part("Edge", name, needs) }
func part(_ folder: String, _ name: String, _ needs: [Target.Dependency]) -> Target {
    .target(
        name: "Interlock\(name)", dependencies: needs, path: "Sources/\(folder)/\(name)",
        swiftSettings: offCallPath.contains(name) ? unoptimized : strict,
        linkerSettings: name == "JSON" ? quickLinker : [])
}
func system(_ name: String, _ pkgConfig: String? = nil) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig)
}
func shim(_ name: String, links: String...) -> Target {
    .target(
        name: name, path: "Sources/C/\(name)",
        cSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)],
        cxxSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)],
        linkerSettings: links.map { .linkedLibrary($0) })
}
/// Nothing imports the module of tests, so its interface is a by-product of one compiler instead of the work of another:
/// a fifth of the processor time (docs/decisions/0048).
let importedByNothing: [SwiftSetting] = [
    .unsafeFlags(["-wmo", "-num-threads", "2", "-no-emit-module-separately-wmo"])
]
func tests(_ name: String, _ needs: Target.Dependency..., exclude: [String] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: needs + ["InterlockTesting"],
        path: "Tests/\(name)Tests", exclude: exclude,
        swiftSettings: unoptimized + importedByNothing)
}

let package = Package(
    name: "interlock",
    targets: [
        system("CLinux"), system("COpenSSL", "openssl"), system("CSQLite", "sqlite3"),
        system("CYAML", "yaml-0.1"), system("CCBOR", "libcbor"),
        system("CPostgreSQL", "libpq"),
        system("CZlib", "zlib"), system("CSodium", "libsodium"),
        shim("CRE2", links: "re2"), shim("CHyperscan", links: "hs"), shim("CSpawn"),
        shim("CLaunch"), shim("CHookGuard"),
        shim("CSeccomp", links: "seccomp"), shim("CMail", links: "curl"),
        // The console's scripts and style sheet, which clang embeds as C23 does.
        .target(
            name: "CAssets", path: "Sources/C/CAssets", exclude: ["files"],
            cSettings: [
                .enableWarning("all"), .treatAllWarnings(as: .error),
                .disableWarning("c23-extensions"),
            ]),

        // The rules by which secrets are found, embedded as the console's files are.
        .target(
            name: "CScanRules", path: "Sources/C/CScanRules", exclude: ["files"],
            cSettings: [
                .enableWarning("all"), .treatAllWarnings(as: .error),
                .disableWarning("c23-extensions"),
            ]),

        // The schema of the cluster's store, embedded as the console's files are.
        .target(
            name: "CClusterSchema", path: "Sources/C/CClusterSchema", exclude: ["files"],
            cSettings: [
                .enableWarning("all"), .treatAllWarnings(as: .error),
                .disableWarning("c23-extensions"),
            ]),

        pure("JSON"),
        pure("Model", "InterlockJSON"),
        pure("MCP", "InterlockJSON", "InterlockModel"),
        pure("PolicyCEL", "InterlockJSON", "InterlockModel"),
        // The parser of command texts and the kinds of commands, which policies list.
        pure("Shell"),
        // Which connections of a run are admitted, and the readers of what its clients send.
        pure("Egress", "InterlockJSON", "InterlockModel"),
        // The values that are looked for in texts, their classes and rules, and the labels of values.
        pure("Safety", "InterlockJSON", "InterlockModel"),
        pure(
            "Policy", "InterlockJSON", "InterlockModel", "InterlockPolicyCEL", "InterlockShell",
            "InterlockEgress", "InterlockSafety"),
        pure(
            "PolicyReview", "InterlockJSON", "InterlockModel", "InterlockPolicyCEL",
            "InterlockPolicy", "InterlockShell", "InterlockHooks", "InterlockSafety"),
        // Suites of cases for agents, how they are scored, and what their results prove.
        pure("Evals", "InterlockJSON", "InterlockModel", "InterlockPolicy"),
        pure("Approvals", "InterlockJSON", "InterlockModel"),
        pure("Ledger", "InterlockJSON", "InterlockModel"),
        // What an agent's record has earned it: criteria, counts of runs, and their assessment.
        pure(
            "Trust", "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockEvals",
            "InterlockLedger"),
        // Spans of calls for collectors of OpenTelemetry, from records.
        pure("Tracing", "InterlockJSON", "InterlockModel", "InterlockLedger"),
        // The controls of evidence packs, what shows that they are enforced, and the report of it.
        pure("EvidencePack", "InterlockJSON", "InterlockModel", "InterlockLedger"),
        // The periodic review of agents: which records are read, what is used, and who signed.
        pure(
            "Review", "InterlockJSON", "InterlockModel", "InterlockEvals", "InterlockLedger",
            "InterlockTrust"),
        // What the holder of a log's key signs: requests, the tree that it remembers, and its decision.
        pure("Signing", "InterlockModel", "InterlockLedger", "InterlockAlerts"),
        pure("Hosts", "InterlockJSON", "InterlockModel"),
        // The hooks of coding agents: events in, verdicts out, one codec for each host.
        pure("Hooks", "InterlockJSON", "InterlockModel"),
        // The files that make a host ask Interlock.
        pure(
            "HostSettings", "InterlockJSON", "InterlockModel", "InterlockEgress", "InterlockHooks"),
        // The checks of a host's installation over what was read of it.
        pure(
            "Doctor", "InterlockJSON", "InterlockModel", "InterlockHooks", "InterlockHosts",
            "InterlockHostSettings"),
        pure("Workspace", "InterlockJSON", "InterlockModel"),
        // What a commit says of agents, and the rules of a merge.
        pure("Provenance", "InterlockJSON", "InterlockModel"),
        pure("Alerts", "InterlockJSON", "InterlockModel"),
        pure("Limits", "InterlockModel"),
        // Many nodes as values: the control chain, membership, leases, generations, activation of revisions.
        pure("Cluster", "InterlockJSON", "InterlockModel", "InterlockLimits"),
        // The statements of people in the control chain, judged by the rules of one node.
        pure(
            "ClusterOrders", "InterlockJSON", "InterlockModel", "InterlockPolicy",
            "InterlockPolicyReview", "InterlockApprovals", "InterlockCluster"),
        // The logs of all nodes, compared with the control chain and with each other.
        pure(
            "ClusterAudit", "InterlockJSON", "InterlockModel", "InterlockLedger",
            "InterlockCluster"),
        pure("Monitoring", "InterlockJSON"),

        // The ports and the values that they carry: everything that most edges need, so that these are built in
        // parallel with the gateway.
        .target(
            name: "InterlockPorts",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockApprovals",
                "InterlockLedger", "InterlockAlerts", "InterlockLimits", "InterlockEgress",
                "InterlockSafety",
            ],
            path: "Sources/Gateway/Ports", swiftSettings: strict),
        // The pipeline of a call and the state that it reads.
        .target(
            name: "InterlockGovernor",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
                "InterlockApprovals", "InterlockLedger", "InterlockAlerts", "InterlockLimits",
                "InterlockMonitoring", "InterlockPorts", "InterlockSafety",
            ],
            path: "Sources/Gateway/Governor", swiftSettings: unlessFuzzed),
        // The witnesses that cosign the log, and the log as a witness of others.
        .target(
            name: "InterlockWitness",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockLedger", "InterlockPorts",
                "InterlockGovernor",
            ],
            path: "Sources/Gateway/Witness", swiftSettings: unoptimized),
        // The program that drives one node of a cluster: heartbeats, the chain, halts, expulsions.
        .target(
            name: "InterlockClusterNodes",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockCluster", "InterlockPorts",
            ],
            path: "Sources/Gateway/ClusterNodes", swiftSettings: strict),
        // The runs whose command a supervisor starts: their begin, their end, and halts of them.
        .target(
            name: "InterlockSandboxes",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockLedger",
                "InterlockEgress", "InterlockWorkspace", "InterlockPorts", "InterlockGovernor",
            ],
            path: "Sources/Gateway/Sandboxes", swiftSettings: unoptimized),
        // The events of coding agents' hooks, as calls of the pipeline, and their verdicts.
        .target(
            name: "InterlockHookDecisions",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockLedger",
                "InterlockEgress", "InterlockHooks", "InterlockHostSettings", "InterlockShell",
                "InterlockPorts", "InterlockGovernor", "InterlockAlerts", "InterlockWorkspace",
                "InterlockSafety", "InterlockLimits",
            ],
            path: "Sources/Gateway/Hooks", swiftSettings: strict),
        // The limits of agents on one of many nodes: units that are leased from their store.
        .target(
            name: "InterlockLeasedLimits",
            dependencies: [
                "InterlockModel", "InterlockLimits", "InterlockCluster", "InterlockPorts",
            ],
            path: "Sources/Gateway/LeasedLimits", swiftSettings: strict),
        // The runs of one of many nodes: those that it serves, and those whose messages it passes on.
        .target(
            name: "InterlockRunAssignment",
            dependencies: ["InterlockModel", "InterlockCluster", "InterlockPorts"],
            path: "Sources/Gateway/RunAssignment", swiftSettings: strict),
        // What is sent to people: through which channel, when it is repeated, and what never arrived.
        .target(
            name: "InterlockNotification",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockApprovals", "InterlockLedger",
                "InterlockAlerts", "InterlockPorts", "InterlockGovernor",
            ],
            path: "Sources/Gateway/Notification", swiftSettings: unoptimized),
        // Who may see what on the people plane, and the log as its readers see it: each access is recorded.
        .target(
            name: "InterlockEvidence",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockPolicyReview",
                "InterlockApprovals", "InterlockLedger", "InterlockLimits", "InterlockPorts",
                "InterlockGovernor",
            ],
            path: "Sources/Gateway/Evidence", swiftSettings: unoptimized),
        // Incidents: what people are handling, what they did, and how it ended.
        .target(
            name: "InterlockIncidents",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockLedger",
                "InterlockAlerts", "InterlockPorts", "InterlockGovernor", "InterlockEvidence",
            ],
            path: "Sources/Gateway/Incidents", swiftSettings: unoptimized),
        // The services through which people control and observe the governor.
        .target(
            name: "InterlockAdministration",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
                "InterlockApprovals", "InterlockLedger", "InterlockAlerts", "InterlockLimits",
                "InterlockMonitoring", "InterlockPolicyReview", "InterlockPorts",
                "InterlockGovernor", "InterlockWitness", "InterlockNotification",
                "InterlockEvidence", "InterlockIncidents", "InterlockSafety",
            ],
            path: "Sources/Gateway/Administration", swiftSettings: unoptimized),
        // The review of what sandboxed runs changed, and the approvals of it that people sign.
        .target(
            name: "InterlockChangeReview",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockPolicyReview",
                "InterlockApprovals", "InterlockLedger", "InterlockWorkspace",
                "InterlockProvenance",
                "InterlockPorts", "InterlockGovernor", "InterlockSandboxes", "InterlockEvidence",
                "InterlockAdministration",
            ],
            path: "Sources/Gateway/ChangeReview", swiftSettings: unoptimized),
        // The change gate: results of evals, and what they are worth under the policy in force.
        .target(
            name: "InterlockChangeGate",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockPolicyReview",
                "InterlockEvals", "InterlockLedger", "InterlockPorts", "InterlockGovernor",
                "InterlockEvidence", "InterlockAdministration",
            ],
            path: "Sources/Gateway/ChangeGate", swiftSettings: strict),
        // The stages of agents: what people promoted, what demoted them since, and what calls are decided with.
        .target(
            name: "InterlockTrustStages",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockTrust",
                "InterlockLedger", "InterlockAlerts", "InterlockMonitoring", "InterlockPorts",
                "InterlockGovernor", "InterlockAdministration",
            ],
            path: "Sources/Gateway/TrustStages", swiftSettings: strict),

        // Proposals of promotions: their evidence, and the signatures of those who decide.
        .target(
            name: "InterlockPromotions",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockTrust",
                "InterlockLedger", "InterlockPorts", "InterlockGovernor", "InterlockEvidence",
                "InterlockAdministration", "InterlockTrustStages",
            ],
            path: "Sources/Gateway/Promotions", swiftSettings: unoptimized),
        // The self-test of a deployment: forbidden calls of a canary, and checks of how it is set up.
        .target(
            name: "InterlockSelfTest",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
                "InterlockTrust", "InterlockLedger", "InterlockPorts", "InterlockGovernor",
                "InterlockAdministration", "InterlockAlerts",
            ],
            path: "Sources/Gateway/SelfTest", swiftSettings: unoptimized),
        // Governance reviews: their samples, marks and signatures, and what follows if they are overdue.
        .target(
            name: "InterlockReviews",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockTrust",
                "InterlockReview", "InterlockLedger", "InterlockPorts", "InterlockGovernor",
                "InterlockEvidence", "InterlockAdministration", "InterlockTrustStages",
            ],
            path: "Sources/Gateway/Reviews", swiftSettings: strict),
        // What pages and the API show of the trust of agents.
        .target(
            name: "InterlockTrustQueries",
            dependencies: [
                "InterlockModel", "InterlockPolicy", "InterlockTrust", "InterlockPorts",
                "InterlockGovernor", "InterlockEvidence",
            ],
            path: "Sources/Gateway/TrustQueries", swiftSettings: unoptimized),

        // Whether an agent, or the organisation, may be given more.
        .target(
            name: "InterlockReadiness",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy",
                "InterlockTrust", "InterlockEvidencePack", "InterlockPorts", "InterlockGovernor",
            ],
            path: "Sources/Gateway/Readiness", swiftSettings: unoptimized),

        edge(
            "Store", "CLinux", "CSQLite", "InterlockJSON", "InterlockModel", "InterlockLedger",
            "InterlockApprovals", "InterlockAlerts", "InterlockPorts", "InterlockCluster"),
        // The store of a cluster in PostgreSQL: its connections, its schema, the calls of its functions, and the ports of a
        // gateway on them.
        edge(
            "ClusterStore", "CLinux", "CPostgreSQL", "CClusterSchema", "InterlockJSON",
            "InterlockModel", "InterlockLimits", "InterlockCluster", "InterlockApprovals",
            "InterlockLedger", "InterlockPorts"),
        // The messages of the nodes of a cluster to each other, over the ports of the transport.
        edge(
            "ClusterPeers", "InterlockJSON", "InterlockModel", "InterlockCluster",
            "InterlockPorts"),
        edge(
            "Credentials", "CLinux", "COpenSSL", "CSodium", "CCBOR", "InterlockJSON",
            "InterlockModel",
            "InterlockLedger",
            "InterlockMCP", "InterlockPorts", "InterlockSigning", "InterlockCluster"),
        edge(
            "Transport", "CLinux", "CMail", "COpenSSL", "InterlockJSON", "InterlockModel",
            "InterlockMCP", "InterlockAlerts", "InterlockEgress", "InterlockLimits",
            "InterlockPorts"),
        edge(
            "Sandbox", "CLinux", "CSpawn", "CLaunch", "CSeccomp", "InterlockModel",
            "InterlockPorts"),
        // The trees of a workspace on disk: what is hidden, what a run changed, and how it is applied.
        edge(
            "WorkspaceFiles", "CLinux", "InterlockJSON", "InterlockModel", "InterlockSafety",
            "InterlockWorkspace"),
        edge("YAML", "CYAML", "InterlockModel", "InterlockPolicy", "InterlockEvals"),
        // The parts that pages are made of, which know no capability.
        edge(
            "Markup", "CAssets", "CZlib", "InterlockJSON", "InterlockModel", "InterlockMCP",
            "InterlockPolicyReview", "InterlockApprovals", "InterlockLedger", "InterlockPorts",
            "InterlockGovernor", "InterlockEvidence", "InterlockAdministration"),
        // What requests and answers of the API look like.
        edge(
            "Schemas", "InterlockMarkup", "InterlockJSON", "InterlockModel", "InterlockPolicy",
            "InterlockPolicyReview", "InterlockApprovals", "InterlockLedger", "InterlockGovernor",
            "InterlockEvidence", "InterlockAdministration", "InterlockPorts"),
        // The operations of the people plane and of the local socket, and the addresses of pages.
        edge(
            "API", "InterlockMarkup", "InterlockSchemas", "InterlockJSON", "InterlockModel",
            "InterlockMCP", "InterlockPolicy", "InterlockPolicyReview", "InterlockApprovals",
            "InterlockLedger", "InterlockAlerts", "InterlockGovernor", "InterlockNotification",
            "InterlockSandboxes", "InterlockWorkspace", "InterlockEvidence",
            "InterlockAdministration", "InterlockChangeReview", "InterlockHookDecisions",
            "InterlockProvenance", "InterlockEvals", "InterlockChangeGate", "InterlockTrust",
            "InterlockTrustQueries", "InterlockPromotions", "InterlockIncidents", "InterlockReview",
            "InterlockReviews", "InterlockPorts"),
        edge(
            "Console", "InterlockAPI", "InterlockMarkup", "InterlockSchemas", "InterlockJSON",
            "InterlockModel", "InterlockMCP", "InterlockLedger",
            "InterlockPolicy", "InterlockPolicyReview",
            "InterlockApprovals", "InterlockAlerts", "InterlockGovernor", "InterlockNotification",
            "InterlockSandboxes", "InterlockWorkspace", "InterlockEvidence",
            "InterlockAdministration", "InterlockChangeReview", "InterlockProvenance",
            "InterlockEvals", "InterlockChangeGate", "InterlockTrust", "InterlockTrustQueries",
            "InterlockIncidents", "InterlockPromotions", "InterlockReview", "InterlockReviews",
            "InterlockPorts"),
        edge("Patterns", "CRE2", "InterlockModel"),
        // The search for secrets: vectorscan finds candidates, RE2 confirms them, and zlib unpacks.
        edge(
            "Scanning", "CHyperscan", "CRE2", "CZlib", "CScanRules", "InterlockModel",
            "InterlockSafety", "InterlockPorts"),
        edge("Zones", "CLinux", "InterlockModel"),

        // What `interlock.yaml` may say.
        .target(
            name: "InterlockConfiguration",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockApprovals",
                "InterlockAlerts", "InterlockLimits", "InterlockMonitoring", "InterlockGovernor",
                "InterlockAdministration", "InterlockCredentials",
            ],
            path: "Sources/Programs/Configuration", swiftSettings: unoptimized),
        // What commands are, and how they read their words, ask, print and end.
        .target(
            name: "InterlockCommandLine",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockPorts", "InterlockCredentials",
            ],
            path: "Sources/Programs/CommandLine", swiftSettings: unoptimized),
        // The folder of a deployment, its running gateway and the person who signs, for commands.
        .target(
            name: "InterlockDeployment",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockJSON",
                "InterlockModel", "InterlockPolicy", "InterlockPorts", "InterlockGovernor",
                "InterlockAdministration", "InterlockCredentials", "InterlockStore",
                "InterlockTransport", "InterlockYAML",
            ],
            path: "Sources/Programs/Deployment", swiftSettings: unoptimized),
        // The policy of a deployment on its disk, and the commands that read, compare and rewrite policies.
        .target(
            name: "InterlockPolicyCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicy", "InterlockPolicyReview", "InterlockPorts",
                "InterlockAdministration", "InterlockCredentials", "InterlockStore",
                "InterlockYAML", "InterlockPatterns", "InterlockZones", "InterlockMarkup",
                "InterlockSafety", "InterlockEvals", "InterlockTrust", "InterlockScanning",
            ],
            path: "Sources/Programs/PolicyCommands", swiftSettings: unoptimized),
        // `interlock stdio`, which relays a host that speaks only stdio.
        .target(
            name: "InterlockRelay",
            dependencies: [
                "InterlockCommandLine", "InterlockJSON", "InterlockMCP", "InterlockModel",
                "InterlockTransport",
            ],
            path: "Sources/Programs/Relay", swiftSettings: unoptimized),
        // `interlock hook`, which hands an event over to the adapter.
        .target(
            name: "InterlockHookCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockCredentials",
                "InterlockTransport", "InterlockHooks", "InterlockHostSettings",
                "InterlockHookDecisions",
            ],
            path: "Sources/Programs/HookCommands", swiftSettings: unoptimized),
        // The witnesses of a log: the trust file, the key of a node, and both sides of witnessing.
        .target(
            name: "InterlockWitnessing",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockConfiguration",
                "InterlockModel", "InterlockLedger", "InterlockPorts", "InterlockGovernor",
                "InterlockAdministration", "InterlockWitness", "InterlockCredentials",
                "InterlockStore", "InterlockTransport",
            ],
            path: "Sources/Programs/Witnessing", swiftSettings: unoptimized),
        // `interlock safety`, and the search of a workspace before a run.
        .target(
            name: "InterlockSafetyCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicy", "InterlockCredentials", "InterlockSafety", "InterlockScanning",
                "InterlockWorkspace", "InterlockWorkspaceFiles", "CLinux",
            ],
            path: "Sources/Programs/SafetyCommands", swiftSettings: unoptimized),
        // `interlock run`, the supervisor of one sandboxed run, and the sandboxes of stdio servers.
        .target(
            name: "InterlockRunning",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockConfiguration",
                "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockPorts",
                "InterlockCredentials", "InterlockEgress", "InterlockTransport",
                "InterlockSandbox", "InterlockSandboxes", "InterlockSafety",
                "InterlockSafetyCommands", "InterlockWorkspace", "InterlockWorkspaceFiles",
                "InterlockHooks", "InterlockHostSettings", "CLinux",
            ],
            path: "Sources/Programs/Running", swiftSettings: unoptimized),
        // `interlock workspace`: the review of what a run changed.
        .target(
            name: "InterlockWorkspaceCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicyReview", "InterlockCredentials", "InterlockSandboxes",
                "InterlockWorkspace", "InterlockProvenance", "InterlockWorkspaceFiles",
                "InterlockPolicy",
                "InterlockPorts", "InterlockRunning", "InterlockSandbox", "InterlockApprovals",
                "InterlockChangeReview", "CLinux",
            ],
            path: "Sources/Programs/WorkspaceCommands", swiftSettings: unoptimized),
        // `interlock provenance`: trailers of commits, and the check before a merge.
        .target(
            name: "InterlockProvenanceCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockProvenance", "InterlockCredentials", "InterlockChangeReview", "CLinux",
            ],
            path: "Sources/Programs/ProvenanceCommands", swiftSettings: unoptimized),
        // Agent cases of suites: the agent's command against a gateway with fake servers.
        .target(
            name: "InterlockEvalTrials",
            dependencies: [
                "CLinux", "InterlockCommandLine", "InterlockJSON", "InterlockModel",
                "InterlockMCP", "InterlockPolicy", "InterlockApprovals", "InterlockAlerts",
                "InterlockLedger", "InterlockLimits", "InterlockEvals", "InterlockPorts",
                "InterlockGovernor", "InterlockEvidence", "InterlockAdministration",
                "InterlockCredentials", "InterlockPatterns", "InterlockTransport",
            ],
            path: "Sources/Programs/EvalTrials", swiftSettings: unoptimized),
        // `interlock approvals`: requests that wait for people, and the votes that they sign.
        .target(
            name: "InterlockApprovalCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicy", "InterlockApprovals", "InterlockCredentials", "CLinux",
            ],
            path: "Sources/Programs/ApprovalCommands", swiftSettings: unoptimized),
        // `interlock eval`: runs suites, and asks whether the gate is satisfied.
        .target(
            name: "InterlockEvalCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockPolicyCommands",
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
                "InterlockPolicyReview", "InterlockEvals", "InterlockEvalTrials",
                "InterlockPorts", "InterlockSafety", "InterlockAlerts",
                "InterlockGovernor", "InterlockScanning", "InterlockCredentials", "InterlockYAML",
                "InterlockPatterns", "InterlockProvenanceCommands", "InterlockLedger", "CLinux",
            ],
            path: "Sources/Programs/EvalCommands", swiftSettings: unoptimized),
        // `interlock trust`: the criteria file of a deployment, and reports of its agents.
        .target(
            name: "InterlockTrustCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicy", "InterlockPolicyCommands", "InterlockEvals", "InterlockTrust",
                "InterlockYAML", "InterlockCredentials", "InterlockPorts", "InterlockPromotions",
            ],
            path: "Sources/Programs/TrustCommands", swiftSettings: unoptimized),
        // `interlock evidence`: builds packs, and starts their check.
        .target(
            name: "InterlockEvidenceCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockJSON", "InterlockModel", "InterlockLedger", "InterlockEvidencePack",
                "InterlockPolicy", "InterlockPorts", "InterlockCredentials", "InterlockStore",
            ],
            path: "Sources/Programs/EvidenceCommands", swiftSettings: unoptimized),
        // `interlock ready`, and the text of `interlock status`.
        .target(
            name: "InterlockStatusCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicyCommands", "InterlockTrust",
            ],
            path: "Sources/Programs/StatusCommands", swiftSettings: unoptimized),
        // `interlock selftest`, and the canary, servers and second gateway of a self-test.
        .target(
            name: "InterlockSelfTesting",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockPolicyCommands",
                "InterlockRunning", "InterlockSelfTest", "InterlockJSON",
                "InterlockModel", "InterlockMCP", "InterlockPolicy", "InterlockApprovals",
                "InterlockLedger", "InterlockEvidence", "InterlockPorts", "InterlockGovernor",
                "InterlockAdministration", "InterlockCredentials", "InterlockStore",
                "InterlockTransport", "InterlockYAML", "InterlockPatterns", "InterlockZones",
                "CLinux",
            ],
            path: "Sources/Programs/SelfTesting", swiftSettings: unoptimized),
        // Sends spans of calls to a collector of OpenTelemetry.
        .target(
            name: "InterlockTraceExport",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockModel",
                "InterlockLedger", "InterlockTracing", "InterlockPorts", "InterlockGovernor",
                "InterlockCredentials", "InterlockStore", "InterlockTransport",
            ],
            path: "Sources/Programs/TraceExport", swiftSettings: unoptimized),
        // `interlock incidents`: opens, handles and closes what people deal with.
        .target(
            name: "InterlockIncidentCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockAlerts", "InterlockCredentials",
            ],
            path: "Sources/Programs/IncidentCommands", swiftSettings: unoptimized),
        // `interlock review`: samples of the log, and what agents use of what they may.
        .target(
            name: "InterlockReviewCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockDeployment", "InterlockJSON", "InterlockModel",
                "InterlockPolicy", "InterlockPolicyCommands", "InterlockPolicyReview",
                "InterlockLedger", "InterlockReview", "InterlockTrust", "InterlockLogReading",
                "InterlockCredentials", "InterlockStore", "InterlockYAML", "InterlockEvidence",
                "InterlockPorts", "InterlockReviews",
            ],
            path: "Sources/Programs/ReviewCommands", swiftSettings: unoptimized),
        // `interlock doctor`: reads what the checks need, and prints their results.
        .target(
            name: "InterlockDoctorCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockJSON", "InterlockModel", "InterlockHooks", "InterlockHosts",
                "InterlockHostSettings", "InterlockDoctor", "InterlockLedger", "InterlockPorts",
                "InterlockCredentials", "InterlockStore",
                "InterlockTransport", "InterlockRunning", "CLinux",
            ],
            path: "Sources/Programs/DoctorCommands", swiftSettings: unoptimized),
        // The reading of a log for commands and pages: its records, each proved, and what people select of them.
        .target(
            name: "InterlockLogReading",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockPolicyCommands", "InterlockWitnessing", "InterlockJSON",
                "InterlockModel", "InterlockPolicy", "InterlockPolicyReview", "InterlockSafety",
                "InterlockLedger", "InterlockStore", "InterlockCredentials", "InterlockEvidence",
                "InterlockAdministration", "InterlockCluster", "InterlockClusterOrders",
                "InterlockClusterAudit",
            ],
            path: "Sources/Programs/LogReading", swiftSettings: unoptimized),
        // `interlock cluster`: the database that nodes share, and their membership.
        .target(
            name: "InterlockClusterCommands",
            dependencies: [
                "InterlockCommandLine", "InterlockConfiguration", "InterlockDeployment",
                "InterlockJSON", "InterlockModel", "InterlockCluster", "InterlockClusterStore",
                "InterlockCredentials", "InterlockClusterOrders", "InterlockLogReading",
                "InterlockPolicyCommands", "InterlockPolicyReview", "InterlockStore",
            ],
            path: "Sources/Programs/ClusterCommands", swiftSettings: unoptimized),
        // A gateway as a member of a cluster: its database, its peers, and what the gateway asks of them.
        .target(
            name: "InterlockClusterServing",
            dependencies: [
                "InterlockClusterCommands", "InterlockCommandLine", "InterlockConfiguration",
                "InterlockDeployment", "InterlockJSON", "InterlockModel", "InterlockPolicy",
                "InterlockLedger", "InterlockPorts", "InterlockCluster", "InterlockClusterOrders",
                "InterlockClusterNodes", "InterlockClusterStore", "InterlockClusterPeers",
                "InterlockLeasedLimits", "InterlockRunAssignment", "InterlockLogReading",
                "InterlockCredentials", "InterlockStore", "InterlockTransport",
            ],
            path: "Sources/Programs/ClusterServing", swiftSettings: strict),
        // `interlock signer`: a process and user of its own that holds the log's key.
        .target(
            name: "InterlockSignerCommands",
            dependencies: [
                "CLinux", "InterlockCommandLine", "InterlockModel", "InterlockLedger",
                "InterlockSigning", "InterlockCredentials", "InterlockJSON", "InterlockPorts",
                "InterlockSandbox", "InterlockTransport",
            ],
            path: "Sources/Programs/SignerCommands", swiftSettings: strict),
        .executableTarget(
            name: "interlock",
            dependencies: [
                "InterlockSignerCommands", "InterlockSigning", "InterlockClusterCommands",
                "InterlockClusterServing",
                "InterlockLogReading", "InterlockConfiguration", "InterlockCommandLine",
                "InterlockDeployment", "InterlockRelay", "InterlockHookCommands",
                "InterlockRunning", "InterlockSandboxes", "InterlockHookDecisions",
                "InterlockChangeReview", "InterlockChangeGate", "InterlockTrustQueries",
                "InterlockSafetyCommands", "InterlockWorkspaceCommands", "InterlockPolicyCommands",
                "InterlockProvenanceCommands", "InterlockDoctorCommands",
                "InterlockApprovalCommands", "InterlockIncidentCommands", "InterlockIncidents",
                "InterlockEvidenceCommands", "InterlockEvalCommands", "InterlockEvals",
                "InterlockTrustCommands", "InterlockTrust", "InterlockTrustStages",
                "InterlockReadiness", "InterlockStatusCommands", "InterlockPromotions",
                "InterlockTraceExport", "InterlockReview", "InterlockReviews",
                "InterlockReviewCommands", "InterlockSelfTest", "InterlockSelfTesting",
                "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
                "InterlockPolicyReview", "InterlockApprovals", "InterlockAlerts",
                "InterlockLimits", "InterlockMonitoring", "InterlockLedger", "InterlockGovernor",
                "InterlockWitness", "InterlockWitnessing", "InterlockNotification",
                "InterlockEvidence", "InterlockAdministration", "InterlockPorts", "InterlockStore",
                "InterlockCredentials", "InterlockTransport", "InterlockSandbox", "InterlockYAML",
                "InterlockPatterns", "InterlockZones", "InterlockSafety", "InterlockScanning",
                "InterlockHosts", "InterlockMarkup", "InterlockAPI", "InterlockConsole", "CLinux",
                "InterlockEvidencePack",
            ],
            path: "Sources/Programs/interlock", swiftSettings: unoptimized),
        .executableTarget(
            name: "interlock-launch", dependencies: ["CLaunch"],
            path: "Sources/Programs/interlock-launch",
            cSettings: [.enableWarning("all"), .treatAllWarnings(as: .error)]),
        // The program that coding agents start for each event: it links nothing but libc and the Swift runtime.
        .executableTarget(
            name: "interlock-hook",
            dependencies: [
                "CHookGuard", "CLinux", "InterlockJSON", "InterlockModel", "InterlockHooks",
            ],
            path: "Sources/Programs/interlock-hook", swiftSettings: strict),
        // A program for auditors: it shares no code with the writers of the log.
        .executableTarget(
            name: "interlock-verify", dependencies: ["COpenSSL"],
            path: "Sources/Programs/interlock-verify", swiftSettings: strict),

        .target(
            name: "InterlockTesting", dependencies: ["InterlockJSON", "InterlockModel"],
            path: "Tests/InterlockTesting", swiftSettings: strict),
        tests("JSON", "InterlockJSON"),
        tests("Model", "InterlockModel", "InterlockJSON"),
        tests(
            "MCP", "InterlockMCP", "InterlockModel", "InterlockJSON", "InterlockPatterns",
            "InterlockCredentials"),
        tests(
            "Policy", "InterlockPolicy", "InterlockPolicyReview", "InterlockPolicyCEL",
            "InterlockShell",
            "InterlockModel", "InterlockJSON",
            "InterlockYAML",
            "InterlockPatterns", "InterlockZones", "InterlockCredentials", "InterlockSafety",
            exclude: ["Golden"]),
        tests(
            "CEL", "InterlockPolicyCEL", "InterlockPolicy", "InterlockModel", "InterlockJSON",
            "InterlockPatterns",
            "InterlockZones"),
        tests(
            "Analysis", "InterlockPolicy", "InterlockPolicyReview", "InterlockPolicyCEL",
            "InterlockModel", "InterlockJSON",
            "InterlockYAML",
            "InterlockPatterns", "InterlockZones", exclude: ["Golden"]),
        tests(
            "Evals", "InterlockEvals", "InterlockModel", "InterlockJSON", "InterlockPolicy",
            "InterlockYAML", "InterlockCredentials", "InterlockScanning"),
        tests(
            "EvalTrials", "InterlockEvalTrials", "InterlockCommandLine", "InterlockEvals",
            "InterlockLedger", "InterlockModel", "InterlockJSON", "InterlockPorts",
            "InterlockCredentials"),
        tests(
            "Trust", "InterlockTrust", "InterlockEvals", "InterlockLedger", "InterlockModel",
            "InterlockJSON", "InterlockPolicy", "InterlockYAML", "InterlockCredentials",
            "InterlockStore", "InterlockPorts", "InterlockPolicyCommands",
            "InterlockTrustCommands"),
        tests(
            "Review", "InterlockReview", "InterlockTrust", "InterlockLedger", "InterlockModel",
            "InterlockJSON", "InterlockCredentials", exclude: ["Golden"]),
        tests(
            "Approvals", "InterlockApprovals", "InterlockModel", "InterlockJSON",
            "InterlockCredentials", "InterlockCluster"),
        tests(
            "Ledger", "InterlockLedger", "InterlockModel", "InterlockJSON", "InterlockCredentials"),
        tests(
            "EvidencePack", "InterlockEvidencePack", "InterlockLedger", "InterlockModel",
            "InterlockJSON", "InterlockCredentials"),
        tests(
            "Signing", "InterlockSigning", "InterlockLedger", "InterlockModel", "InterlockJSON",
            "InterlockAlerts", "InterlockCredentials", "InterlockSignerCommands"),
        tests("Shell", "InterlockShell"),
        tests("Safety", "InterlockSafety", "InterlockModel", "InterlockJSON"),
        tests(
            "Scanning", "InterlockScanning", "InterlockSafety", "InterlockModel", "InterlockJSON",
            "InterlockCredentials", "InterlockPorts", "InterlockGovernor", "InterlockLimits",
            "CZlib"),
        tests("Hosts", "InterlockHosts", "InterlockModel", "InterlockJSON"),
        tests(
            "Hooks", "InterlockHooks", "InterlockModel", "InterlockJSON", exclude: ["Golden"]),
        tests(
            "Doctor", "InterlockDoctor", "InterlockHostSettings", "InterlockHooks",
            "InterlockHosts", "InterlockModel", "InterlockJSON"),
        tests(
            "HostSettings", "InterlockHostSettings", "InterlockHooks", "InterlockModel",
            "InterlockJSON",
            exclude: ["Golden"]),
        tests(
            "Workspace", "InterlockWorkspace", "InterlockModel", "InterlockJSON",
            "InterlockCredentials"),
        tests("Provenance", "InterlockProvenance", "InterlockModel", "InterlockJSON"),
        tests("Alerts", "InterlockAlerts", "InterlockModel", "InterlockJSON", "InterlockCluster"),
        tests("Limits", "InterlockLimits", "InterlockModel"),
        tests(
            "Cluster", "InterlockCluster", "InterlockLimits", "InterlockModel", "InterlockJSON",
            "InterlockCredentials"),
        tests(
            "ClusterOrders", "InterlockClusterOrders", "InterlockCluster", "InterlockApprovals",
            "InterlockPolicy", "InterlockPolicyReview", "InterlockModel", "InterlockJSON",
            "InterlockCredentials",
            "InterlockYAML", "InterlockPatterns", "InterlockZones"),
        tests(
            "ClusterAudit", "InterlockClusterAudit", "InterlockCluster", "InterlockClusterOrders",
            "InterlockPolicyReview", "InterlockLogReading", "InterlockCommandLine",
            "InterlockLedger", "InterlockModel", "InterlockJSON", "InterlockPorts",
            "InterlockStore", "InterlockCredentials"),
        // Many nodes in one thread, with models of their store, network and clocks, for tests of the cluster's protocols.
        .target(
            name: "InterlockClusterSimulation",
            dependencies: [
                "InterlockTesting", "InterlockCluster", "InterlockJSON", "InterlockModel",
                "InterlockLimits",
            ],
            path: "Tests/ClusterSimulation", swiftSettings: strict),
        tests("ClusterSimulation", "InterlockClusterSimulation", "InterlockModel"),
        tests(
            "ClusterNodes", "InterlockClusterNodes", "InterlockClusterSimulation",
            "InterlockCluster", "InterlockModel", "InterlockJSON"),
        tests("Monitoring", "InterlockMonitoring", "InterlockJSON"),
        tests(
            "Egress", "InterlockJSON", "InterlockEgress", "InterlockPolicy", "InterlockTransport",
            "InterlockPorts",
            "InterlockModel", "CLinux"),
        // A whole gateway on ports in memory, for the tests of calls, of what people administer, and of coding agents. They
        // are three modules, which are compiled side by side (docs/decisions/0144).
        .target(
            name: "InterlockGatewayBench",
            dependencies: [
                "InterlockTesting", "InterlockGovernor", "InterlockAdministration",
                "InterlockWitness", "InterlockSandboxes", "InterlockChangeReview",
                "InterlockHooks", "InterlockShell", "InterlockHookDecisions", "InterlockWorkspace",
                "InterlockEvidence", "InterlockPorts", "InterlockJSON", "InterlockModel",
                "InterlockMCP", "InterlockPolicy", "InterlockApprovals", "InterlockLedger",
                "InterlockAlerts", "InterlockLimits", "InterlockYAML", "InterlockCredentials",
                "InterlockPatterns", "InterlockZones", "InterlockSafety",
            ],
            path: "Tests/GatewayBench", swiftSettings: unoptimized),
        tests(
            "TrustStages", "InterlockGatewayBench", "InterlockGovernor", "InterlockAdministration",
            "InterlockTrust", "InterlockTrustStages", "InterlockTrustQueries",
            "InterlockPromotions", "InterlockEvidence", "InterlockPorts", "InterlockJSON",
            "InterlockModel", "InterlockPolicy",
            "InterlockApprovals", "InterlockLedger", "InterlockAlerts", "InterlockMonitoring",
            "InterlockIncidents", "InterlockCredentials", "InterlockSafety"),
        tests(
            "Tracing", "InterlockTracing", "InterlockLedger", "InterlockJSON", "InterlockModel"),
        tests(
            "Reviews", "InterlockGatewayBench", "InterlockGovernor", "InterlockAdministration",
            "InterlockTrust", "InterlockTrustStages", "InterlockReview", "InterlockReviews",
            "InterlockEvidence", "InterlockPorts", "InterlockJSON", "InterlockModel",
            "InterlockPolicy", "InterlockLedger", "InterlockCredentials"),
        tests(
            "Readiness", "InterlockGatewayBench", "InterlockGovernor", "InterlockReadiness",
            "InterlockStatusCommands", "InterlockTrust", "InterlockEvidencePack",
            "InterlockCredentials", "InterlockPorts", "InterlockJSON",
            "InterlockModel", "InterlockPolicy"),
        tests(
            "SelfTest", "InterlockGatewayBench", "InterlockSelfTest", "InterlockSelfTesting",
            "InterlockGovernor", "InterlockAdministration", "InterlockTrust", "InterlockPorts",
            "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockLedger",
            "InterlockCredentials", "InterlockAlerts", "InterlockEvidencePack"),
        tests(
            "Gateway", "InterlockGatewayBench", "InterlockGovernor", "InterlockAdministration",
            "InterlockChangeGate", "InterlockEvals",
            "InterlockHooks", "InterlockHookDecisions", "InterlockEvidence", "InterlockPorts",
            "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPolicy",
            "InterlockApprovals", "InterlockLedger", "InterlockAlerts", "InterlockLimits",
            "InterlockMonitoring", "InterlockCredentials", "InterlockSafety"),
        tests(
            "Administration", "InterlockGatewayBench", "InterlockGovernor",
            "InterlockAdministration", "InterlockWitness", "InterlockNotification",
            "InterlockEvidence", "InterlockPorts", "InterlockJSON", "InterlockModel",
            "InterlockMCP", "InterlockPolicy", "InterlockPolicyReview", "InterlockApprovals",
            "InterlockLedger", "InterlockAlerts", "InterlockLimits", "InterlockMonitoring",
            "InterlockCredentials", "InterlockPatterns"),
        tests(
            "CodingAgents", "InterlockGatewayBench", "InterlockGovernor",
            "InterlockAdministration", "InterlockSandboxes", "InterlockEgress",
            "InterlockChangeReview", "InterlockHooks", "InterlockHookDecisions",
            "InterlockWorkspace", "InterlockProvenance", "InterlockEvidence", "InterlockPorts",
            "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockPolicyReview",
            "InterlockApprovals",
            "InterlockLedger", "InterlockLimits", "InterlockCredentials", "InterlockSafety"),
        tests(
            "Store", "InterlockStore", "InterlockJSON", "InterlockModel", "InterlockLedger",
            "InterlockApprovals", "InterlockAlerts", "InterlockGovernor", "InterlockAdministration",
            "InterlockPorts", "InterlockCluster",
            "InterlockCredentials"),
        tests(
            "Credentials", "InterlockCredentials", "InterlockModel", "InterlockPolicy",
            "InterlockPolicyReview", "InterlockCluster",
            "InterlockJSON",
            "InterlockMCP", "InterlockGovernor", "InterlockAdministration", "InterlockPorts"),
        tests(
            "Transport", "InterlockTransport", "InterlockJSON", "InterlockModel", "InterlockMCP",
            "InterlockGovernor", "InterlockAdministration", "InterlockPorts", "InterlockEgress",
            "CLinux",
            exclude: ["Fixtures"]),
        tests(
            "Sandbox", "InterlockSandbox", "InterlockModel", "InterlockGovernor",
            "InterlockAdministration", "InterlockPorts",
            "InterlockCredentials",
            "interlock-launch", "CLinux", exclude: ["Fixtures"]),
        tests(
            "WorkspaceFiles", "InterlockWorkspaceFiles", "InterlockWorkspace", "InterlockSafety",
            "InterlockModel", "InterlockCredentials"),
        tests("YAML", "InterlockYAML", "InterlockPolicy", "InterlockModel"),
        // Synthetic requests and sessions, for the console's tests with and without a browser.
        .target(
            name: "InterlockConsoleWorld",
            dependencies: [
                "InterlockAPI", "InterlockConsole", "InterlockMarkup", "InterlockGovernor",
                "InterlockEvidence", "InterlockAdministration",
                "InterlockPorts", "InterlockAlerts",
                "InterlockApprovals",
                "InterlockJSON", "InterlockModel", "InterlockCredentials",
            ],
            path: "Tests/ConsoleWorld", swiftSettings: strict),
        tests(
            "Console", "CAssets", "InterlockAPI", "InterlockConsole", "InterlockMarkup",
            "InterlockSchemas",
            "InterlockConsoleWorld", "InterlockChangeReview", "InterlockChangeGate",
            "InterlockEvals", "InterlockTrust", "InterlockTrustQueries", "InterlockPromotions",
            "InterlockReview", "InterlockReviews",
            "InterlockSandboxes", "InterlockWorkspace", "InterlockProvenance", "InterlockGovernor",
            "InterlockNotification", "InterlockEvidence", "InterlockAdministration",
            "InterlockPorts",
            "InterlockAlerts", "InterlockApprovals", "InterlockPolicy", "InterlockPolicyReview",
            "InterlockJSON",
            "InterlockModel", "InterlockYAML", "InterlockPatterns", "InterlockZones",
            "InterlockCredentials", "InterlockSafety",
            exclude: ["Golden"]),
        tests(
            "ClusterStore", "InterlockClusterStore", "InterlockCluster", "InterlockClusterNodes",
            "InterlockClusterPeers", "InterlockLeasedLimits", "InterlockRunAssignment",
            "InterlockTransport", "InterlockStore", "InterlockApprovals", "InterlockLedger",
            "InterlockPorts",
            "InterlockCredentials", "InterlockJSON", "InterlockLimits", "InterlockModel"),
        tests(
            "LeasedLimits", "InterlockLeasedLimits", "InterlockGovernor", "InterlockCluster",
            "InterlockPorts", "InterlockJSON", "InterlockLimits", "InterlockModel"),
        tests(
            "RunAssignment", "InterlockRunAssignment", "InterlockGatewayBench",
            "InterlockGovernor", "InterlockCluster", "InterlockPorts", "InterlockPolicy",
            "InterlockLedger", "InterlockMCP", "InterlockJSON", "InterlockModel"),
        tests(
            "ClusterCommands", "InterlockClusterCommands", "InterlockCluster",
            "InterlockClusterStore", "InterlockCommandLine", "InterlockJSON", "InterlockModel"),
        tests(
            "ClusterPeers", "InterlockClusterPeers", "InterlockCluster", "InterlockTransport",
            "InterlockCredentials", "InterlockPorts", "InterlockJSON", "InterlockModel"),
        tests("Patterns", "InterlockPatterns", "InterlockModel"),
        tests("Zones", "InterlockZones", "InterlockModel"),
        tests("Verifier", "interlock-verify", "InterlockJSON"),
        tests(
            "Program", "interlock", "InterlockCommandLine", "InterlockConfiguration",
            "InterlockDeployment", "InterlockPolicyCommands",
            "InterlockCredentials", "InterlockJSON", "InterlockModel",
            "InterlockPolicy",
            "InterlockPolicyReview",
            "InterlockYAML",
            exclude: ["Golden"]),
        tests(
            "Running", "CLinux", "InterlockRunning", "InterlockSafetyCommands", "InterlockSafety",
            "InterlockSandbox", "InterlockSandboxes",
            "InterlockPolicy", "InterlockPorts", "InterlockEgress", "InterlockTransport",
            "InterlockJSON", "InterlockModel", "InterlockCredentials", "InterlockWorkspace",
            "InterlockWorkspaceFiles", "InterlockHostSettings"),
        tests(
            "Repository", "InterlockGovernor", "InterlockAdministration", "InterlockPorts",
            "InterlockLedger",
            exclude: ["Snippets"]),
    ],
    cLanguageStandard: .c11, cxxLanguageStandard: .cxx17
)

// Fuzzing: the invariants that hold for any bytes, the test that replays the corpora and, with FUZZ set, the fuzzer,
// one program for all parsers.
package.targets += [
    .target(
        name: "InterlockInvariants",
        dependencies: [
            "InterlockJSON", "InterlockModel", "InterlockMCP", "InterlockPatterns",
            "InterlockGovernor", "InterlockAdministration", "InterlockPorts", "InterlockTransport",
            "InterlockLedger",
            "InterlockCredentials",
            "InterlockApprovals", "InterlockPolicyCEL", "InterlockPolicy", "InterlockPolicyReview",
            "InterlockYAML",
            "InterlockSafety", "InterlockScanning", "InterlockShell",
            "InterlockHosts", "InterlockHooks", "InterlockHostSettings", "InterlockAlerts",
            "InterlockSchemas",
            "InterlockMonitoring", "InterlockEgress", "InterlockWorkspace", "InterlockSandbox",
            "InterlockProvenance", "InterlockDoctor", "InterlockWorkspaceFiles", "InterlockEvals",
            "InterlockTrust", "InterlockReview", "InterlockTracing", "InterlockEvidencePack",
            "InterlockCluster", "InterlockClusterOrders", "InterlockClusterPeers",
            "InterlockSigning", "CLaunch", "CLinux",
        ],
        path: "Fuzz/Invariants", swiftSettings: strict),
    tests("Corpus", "InterlockInvariants"),
]
if Context.environment["FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["InterlockInvariants"], path: "Fuzz/Program",
            swiftSettings: strict))
}

// Evaluates expressions with this engine, for tests that compare it with another one.
package.targets.append(
    .executableTarget(
        name: "cel-answers",
        dependencies: [
            "InterlockJSON", "InterlockModel", "InterlockPolicyCEL", "InterlockPolicy",
            "InterlockPatterns", "InterlockZones",
        ],
        path: "Tests/Oracles/cel-answers", swiftSettings: strict))

// Serves the console with synthetic requests, for tests in a real browser.
package.targets.append(
    .executableTarget(
        name: "console-pages",
        dependencies: [
            "InterlockJSON", "InterlockModel", "InterlockApprovals", "InterlockGovernor",
            "InterlockAdministration",
            "InterlockPorts", "InterlockPolicyReview", "InterlockLedger",
            "InterlockAPI", "InterlockConsole", "InterlockMarkup", "InterlockConsoleWorld",
            "InterlockCredentials",
            "InterlockTransport",
        ],
        path: "Tests/Pages/console-pages", swiftSettings: strict))

// Continues the log of a deployment with simulated months, for tests of reviews and evidence packs.
package.targets.append(
    .executableTarget(
        name: "quarter-log",
        dependencies: [
            "InterlockJSON", "InterlockModel", "InterlockLedger", "InterlockTrust",
            "InterlockGovernor", "InterlockPorts", "InterlockCredentials", "InterlockStore",
        ],
        path: "Tests/Quarters/quarter-log", swiftSettings: strict))

// Benchmarks, with BENCH set: the cost of single steps of a call, of the approval stage for a call that needs no
// approval, of loading, deciding and recording, and of workspaces.
if Context.environment["BENCH"] != nil {
    let parts: [Target.Dependency] = [
        "InterlockJSON", "InterlockModel", "InterlockPolicy", "InterlockCredentials",
        "InterlockYAML",
        "InterlockPatterns", "InterlockZones",
    ]
    package.targets += [
        .executableTarget(
            name: "bench-micro", dependencies: parts, path: "Benchmarks/micro",
            swiftSettings: strict),
        .target(name: "CAllocations", path: "Benchmarks/allocations"),
        .executableTarget(
            name: "bench-policy", dependencies: parts + ["CAllocations"], path: "Benchmarks/policy",
            swiftSettings: strict),
        .executableTarget(
            name: "bench-workspace",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockCredentials", "InterlockWorkspace",
                "InterlockWorkspaceFiles",
            ], path: "Benchmarks/workspace", swiftSettings: strict),
        .executableTarget(
            name: "bench-scan",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockCredentials", "InterlockSafety",
                "InterlockScanning", "InterlockWorkspace", "InterlockWorkspaceFiles",
                "InterlockPorts",
            ], path: "Benchmarks/scan", swiftSettings: strict),
        .executableTarget(
            name: "bench-ledger",
            dependencies: parts + [
                "InterlockLedger", "InterlockLimits", "InterlockGovernor",
                "InterlockAdministration", "InterlockPorts",
                "InterlockStore", "InterlockSignerCommands",
            ], path: "Benchmarks/ledger", swiftSettings: strict),
        .executableTarget(
            name: "bench-review",
            dependencies: [
                "InterlockJSON", "InterlockModel", "InterlockLedger", "InterlockTrust",
                "InterlockReview", "InterlockCredentials",
            ], path: "Benchmarks/review", swiftSettings: strict),
        .executableTarget(
            name: "bench-stage",
            dependencies: parts + [
                "InterlockMCP", "InterlockApprovals", "InterlockLedger", "InterlockGovernor",
                "InterlockEvidence", "InterlockAdministration",
                "InterlockPorts", "InterlockSafety",
                "InterlockTransport", "InterlockLimits", "InterlockMonitoring",
                "InterlockEvals", "InterlockChangeGate",
            ], path: "Benchmarks/stage", swiftSettings: strict),
    ]
    // With BENCH=alone, one build makes all benchmarks, and neither programs nor tests.
    if Context.environment["BENCH"] == "alone" {
        package.targets.removeAll {
            $0.type == .test || $0.path?.hasPrefix("Tests/") == true
                || $0.type == .executable && !$0.name.hasPrefix("bench-")
        }
    }
}

// With TESTS=Policy, the tests of that module alone: a change at hand is built and linked in seconds.
if let only = Context.environment["TESTS"] {
    package.targets.removeAll { $0.type == .test && $0.name != "\(only)Tests" }
}

// With PROGRAMS=1, what users get and nothing else: one build makes all programs side by side.
if Context.environment["PROGRAMS"] != nil {
    package.targets.removeAll { $0.path?.hasPrefix("Sources/") != true }
}

// The programs of users and the benchmarks have the Swift runtime linked in. `--static-swift-stdlib` would compile every
// module once more, since tests cannot be linked so.
if Context.environment["PROGRAMS"] != nil || Context.environment["BENCH"] == "alone" {
    for target in package.targets where target.type == .executable {
        target.linkerSettings =
            (target.linkerSettings ?? []) + [.unsafeFlags(["-static-stdlib"])]
    }
}
