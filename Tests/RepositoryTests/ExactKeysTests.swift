import Testing

/// Text from outside is compared by its bytes when it is a key (`ExactText`, docs/decisions/0037): `String` hashes and
/// compares its normal form, so that keys can be made which collide under every seed, and two identities can become
/// one.
struct ExactKeysTests {
    /// The modules that handle input from agents, servers, browsers and issuers.
    static let covered = [
        "Sources/Pure/JSON", "Sources/Pure/MCP", "Sources/Pure/Safety", "Sources/Pure/Monitoring",
        "Sources/Pure/Limits", "Sources/Pure/Alerts", "Sources/Pure/Egress",
        "Sources/Pure/Policy/Parsing",
        "Sources/Pure/Policy/Guards", "Sources/Pure/PolicyCEL/Values",
        "Sources/Pure/PolicyCEL/Evaluation", "Sources/Edge/Transport", "Sources/Edge/Credentials",
        "Sources/Edge/API", "Sources/Edge/Console", "Sources/Edge/Markup", "Sources/Edge/Schemas",
        "Sources/Edge/Store",
        "Sources/Edge/YAML", "Sources/Pure/Workspace", "Sources/Edge/WorkspaceFiles",
        "Sources/Gateway",
    ]

    private static let named = "names of limits and tools that the policy gives"
    private static let own = "names that the gateway gives"
    private static let labels = "fields and values of records, a table of the console itself"
    private static let files = "names of files that the gateway writes"

    /// The files whose keys come from a reviewer or from the gateway itself, with the source of the keys.
    static let allowed: [(file: String, reason: String)] = [
        ("Sources/Pure/Limits/LimitLog.swift", named),
        ("Sources/Gateway/Governor/Limits/LimitService.swift", named),
        ("Sources/Gateway/Governor/Limits/LimitMap.swift", named),
        ("Sources/Gateway/Governor/Limits/LimitSnapshot.swift", named),
        ("Sources/Gateway/Governor/CallTally.swift", named),
        (
            "Sources/Gateway/Evidence/RunQueryService.swift",
            "names of registered agents"
        ),
        (
            "Sources/Gateway/Evidence/RecordQueryService.swift",
            "names of registered agents"
        ),
        ("Sources/Gateway/Administration/Halts/HaltService.swift", "ids of signed orders"),
        ("Sources/Gateway/Administration/Health/MetricFamily+All.swift", own),
        ("Sources/Gateway/Administration/Drill/DrillSubject.swift", own),
        ("Sources/Gateway/Administration/Drill/DrillService.swift", own),
        ("Sources/Gateway/Administration/Alerts/AlertDispositionService.swift", own),
        ("Sources/Gateway/Ports/AlertStores.swift", own),
        ("Sources/Gateway/Governor/Monitoring/AlertMetrics.swift", own),
        ("Sources/Pure/Alerts/OutgoingNotification.swift", own),
        ("Sources/Pure/Alerts/NotificationStorm.swift", own),
        ("Sources/Pure/Alerts/ChannelQueue.swift", own),
        ("Sources/Pure/Alerts/Grouping.swift", own),
        ("Sources/Edge/Schemas/RefusalLabels.swift", "codes of the gateway"),
        ("Sources/Edge/API/Evidence/AlertNames.swift", "codes of the gateway"),
        ("Sources/Edge/Console/Audit/FieldLabels.swift", labels),
        ("Sources/Edge/Console/Audit/RecordFields.swift", labels),
        ("Sources/Edge/Console/Audit/RecordLine.swift", labels),
        ("Sources/Edge/Console/Runs/CallEntry.swift", labels),
        ("Sources/Edge/Console/Approvals/EarlierRequestList.swift", labels),
        ("Sources/Edge/Console/Approvals/FoundClasses.swift", labels),
        ("Sources/Edge/Markup/Assets/Assets.swift", "paths of the console's own files"),
        ("Sources/Edge/Credentials/Secrets/SecretSources.swift", "names of the configuration"),
        ("Sources/Edge/Credentials/Halts/HaltFolder+Scan.swift", files),
        ("Sources/Edge/Store/SQLite/Database.swift", "statements of the store itself"),
        ("Sources/Edge/Store/SQLite/SQLiteStore+Notices.swift", own),
        ("Sources/Edge/Store/Ledger/Reading/VerifyReport.swift", "types of records of the log"),
        ("Sources/Edge/Store/Ledger/Reading/FrameTail.swift", files),
        ("Sources/Edge/Store/Ledger/Reading/PackIndex.swift", files),
        ("Sources/Edge/Store/Ledger/Publishing/FileBatch.swift", files),
        ("Sources/Edge/Store/Export/TileExport.swift", files),
    ]

    @Test func `no text from outside is a key as a String`() {
        for folder in Self.covered {
            let found = Repository.files(under: folder, endingIn: [".swift"])
            #expect(!found.isEmpty, "\(folder) is not there")
            for file in found
            where hasKey(Repository.text(of: file))
                && !Self.allowed.contains(where: { $0.file == file })
            {
                for (place, line) in Repository.lines(of: file).enumerated() where hasKey(line) {
                    Issue.record("\(file):\(place + 1) keys text by String: use ExactText")
                }
            }
        }
    }

    @Test func `what is allowed is there and needs to be`() {
        for (file, reason) in Self.allowed {
            #expect(
                Repository.lines(of: file).contains(where: hasKey),
                "\(file) is allowed for nothing (\(reason))")
        }
    }

    @Test func `keys are recognised in each form`() {
        #expect(hasKey("var found: [String: Int] = [:]"))
        #expect(hasKey("var found: [String:Int] = [:]"))
        #expect(hasKey("var found: Set<String> = []"))
        #expect(hasKey("let found = Dictionary<String, Int>()"))
        #expect(!hasKey("var found: [ExactText: String] = [:]"))
        #expect(!hasKey("let names: [String] = []"))
    }

    private func hasKey(_ text: some StringProtocol) -> Bool {
        let text = String(text)
        return ["[String:", "Set<String>", "Dictionary<String,"].contains {
            Repository.has($0, in: text)
        }
    }
}
