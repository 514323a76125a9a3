import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension Command {
    static let auditExport = Command(
        "audit export", "write the log, or a time of it, for other programs",
        example: "interlock audit export --format jsonl --since 30d -o november.jsonl",
        options: Option.logSource + [
            Option(
                "--format FORMAT",
                "tiles (C2SP directory, as interlock-verify reads it), jsonl, csv or ocsf"),
            Option(
                "--for PURPOSE",
                "forensics, compliance or evals: jsonl of what it needs, instead of a format"),
            .since, .until,
            Option("--payloads", "with payloads: opened in jsonl, as they are stored in tiles"),
            Option("-o OUT", "the file, or for tiles the folder, to make").required,
        ],
        exits: [.data, .notFound, .unavailable, .cannotCreate, .io],
        notes: """
            Every record is proved before it is written, and the export is recorded first. OUT must not be there. \
            A record that cannot be read ends it with 65; a note names the first record if earlier ones were pruned. \
            `forensics`: every record with its payloads. `compliance`: every record without them. `evals`: the decisions of \
            calls with their payloads, and incidents. `ocsf`: JSON lines of OCSF \(OCSFEvent.version), for SIEMs.
            """
    ) { invocation in
        let purpose = try ExportPurpose.asked(invocation)
        let format: ExportFormat = purpose == nil ? try ExportFormat(invocation) : .jsonl
        let opens = purpose?.opensPayloads ?? invocation.has("payloads")
        let out = try invocation.require("o")
        let source = try AuditLog(invocation)
        let filter = ExportFilter(try RecordFilter(invocation, source), purpose)
        try OutputFile.requireFree(out)
        let log = try ProvedLog(source)
        let first = try reading { try log.log.reader.first() }
        let count =
            format == .tiles
            ? try LogExport.countOfTree(log, from: first)
            : try LogExport.count(log, filter, from: first)
        try AuditExport.record(kind: .export, count: count, query: invocation.query, from: source)
        let written =
            switch format {
            case .tiles: try LogExport.tiles(log, to: out, payloads: opens)
            case .jsonl, .csv, .ocsf:
                try LogExport.lines(log, filter, from: first, to: out, format, payloads: opens)
            }
        if first > 0 {
            Output.error(
                "note: records were pruned, and the export begins with record \(first)")
        }
        Output.line("\(written) records, proved against signed checkpoints")
        return .ok
    }
}

extension ExportPurpose {
    /// - Returns: nil if none is asked for.
    /// - Throws: exit 64 together with a format or `--payloads`, which it decides, and without any of the two.
    fileprivate static func asked(_ invocation: Invocation) throws(Failure) -> ExportPurpose? {
        guard let name = invocation["for"] else {
            guard invocation.has("format") else {
                throw Failure(
                    .usage, "missing option `--format` or `--for`",
                    help: "--format jsonl, or --for compliance")
            }
            return nil
        }
        guard !invocation.has("format"), !invocation.has("payloads") else {
            throw Failure(.usage, "`--for` cannot be used with `--format` or `--payloads`")
        }
        return try Invocation.choice(name, "purpose")
    }
}

private enum ExportFormat: String {
    case tiles, jsonl, csv, ocsf

    private static let later: Set<String> = ["otel", "agent-audit-trail"]

    init(_ invocation: Invocation) throws(Failure) {
        let name = try invocation.require("format")
        guard let format = ExportFormat(rawValue: name) else {
            throw Failure(
                .usage,
                Self.later.contains(name)
                    ? "the format `\(name)` comes with a later version"
                    : "`\(name)` is no format of an export",
                help: "tiles, jsonl, csv or ocsf")
        }
        if format == .tiles, invocation.has("since") || invocation.has("until") {
            throw Failure(
                .usage, "a tree has no parts: `tiles` takes neither `--since` nor `--until`")
        }
        if format == .csv || format == .ocsf, invocation.has("payloads") {
            throw Failure(.usage, "`\(name)` has no place for payloads", help: "--format jsonl")
        }
        self = format
    }
}

private enum LogExport {
    /// The number of records that match.
    ///
    /// - Parameter first: the first record that is left.
    static func count(
        _ log: ProvedLog, _ filter: ExportFilter, from first: UInt64
    ) throws -> Int {
        guard !filter.isOfAll else { return Int(clamping: log.size - min(first, log.size)) }
        var count = 0
        try each(log, from: first, below: log.size) { entry in
            if filter.matches(try parsed(entry)) { count += 1 }
        }
        return count
    }

    /// The number of records of the published tree.
    ///
    /// - Throws: exit 73 if records were pruned.
    static func countOfTree(_ log: ProvedLog, from first: UInt64) throws -> Int {
        guard first == 0 else {
            throw Failure(
                .cannotCreate, "the oldest records were pruned: not every file can be made again",
                help: "copy the folder `log/` as it is")
        }
        return Int(clamping: log.publishedCheckpoint.size)
    }

    /// - Throws: exit 65: a record that is left out without a word would be missing in the export.
    private static func parsed(_ entry: LedgerEntry) throws -> StoredRecord {
        guard let record = entry.record else {
            throw Failure(.data, "record \(entry.index) is in no canonical form")
        }
        return record
    }

    /// - Returns: the number of records written.
    static func lines(
        _ log: ProvedLog, _ filter: ExportFilter, from first: UInt64, to path: String,
        _ format: ExportFormat, payloads: Bool
    ) throws -> Int {
        let file = try OutputFile(path)
        if format == .csv { try file.line(RecordFormatter.csvHeader) }
        var written = 0
        var proving = log
        try each(log, from: first, below: log.size) { entry in
            let record = try parsed(entry)
            guard filter.matches(record), let shown = try proving.proved(entry) else { return }
            written += 1
            switch format {
            case .csv: return try file.line(RecordFormatter.csv(shown))
            case .ocsf:
                let event = OCSFEvent(
                    record, hash: shown.hash, index: shown.index, origin: log.checkpoint.origin,
                    program: Product.version)
                return try file.line(String(decoding: event.json.serialized(), as: UTF8.self))
            case .jsonl, .tiles: break
            }
            let opened = payloads ? try proving.log.payloads(of: record) : nil
            let object =
                opened.map { RecordFormatter.object(shown, $0) } ?? RecordFormatter.object(shown)
            try file.line(String(decoding: JSONValue.object(object).serialized(), as: UTF8.self))
        }
        try file.finish()
        return written
    }

    /// Exports the tree of the published checkpoint, which is the one that witnesses cosign.
    static func tiles(_ log: ProvedLog, to folder: String, payloads: Bool) throws -> Int {
        let reader = log.log.reader
        var export = try reading { try TileExport(to: folder, hashing: OpenSSLHashing()) }
        try each(log, from: 0, below: log.publishedCheckpoint.size) { entry in
            try reading {
                try export.append(entry)
                guard payloads else { return }
                for (_, commitment) in entry.record?.commitments ?? [] {
                    if let stored = commitment.stored, let blob = try reader.blob(stored) {
                        try export.add(blob: blob, stored)
                    }
                }
            }
        }
        try reading { try export.finish(log.publishedNote, log.publishedCheckpoint) }
        return Int(clamping: log.publishedCheckpoint.size)
    }

    /// Calls `body` with every record from `first` on and below the size, in order.
    private static func each(
        _ log: ProvedLog, from first: UInt64, below size: UInt64,
        _ body: (LedgerEntry) throws -> Void
    ) throws {
        try log.log.scan(from: first) { entry in
            guard entry.index < size else { return false }
            try body(entry)
            return true
        }
    }
}
