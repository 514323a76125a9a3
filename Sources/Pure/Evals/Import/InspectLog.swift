import InterlockJSON
import InterlockModel

/// Reads logs of Inspect (PyPI `inspect_ai`), format version 2: the JSON form, and the archive `.eval` with
/// `header.json` and one entry for each sample.
package enum InspectLog {
    static let version = 2
    /// The largest log in its JSON form, and the largest entry of an archive, in bytes.
    package static let largest = 64 << 20
    private static let headerEntry = "header.json"
    private static let samples = "samples"

    /// - Parameter inflate: as for `ZipArchive.contents`.
    package static func read(
        _ bytes: [UInt8], inflate: (ArraySlice<UInt8>, Int) -> [UInt8]?
    ) throws(ImportError) -> ImportedRun {
        guard bytes.starts(with: ZipArchive.signature) else { return try json(bytes) }
        return try archive(bytes, inflate: inflate)
    }

    private static func json(_ bytes: [UInt8]) throws(ImportError) -> ImportedRun {
        let log = try ForeignFields.parse(bytes, limit: largest, named: "the log")
        var run = try InspectRun(log)
        for (number, sample) in try log.list(samples).enumerated() {
            try run.add(try ForeignFields(sample, at: "\(samples)[\(number)]"))
        }
        return try run.imported()
    }

    private static func archive(
        _ bytes: [UInt8], inflate: (ArraySlice<UInt8>, Int) -> [UInt8]?
    ) throws(ImportError) -> ImportedRun {
        let archive: ZipArchive
        do throws(ZipError) { archive = try ZipArchive(parsing: bytes) } catch {
            throw .zip(error)
        }
        guard let header = archive.entry(named: headerEntry) else {
            throw .missingEntry(headerEntry)
        }
        var run = try InspectRun(try fields(of: header, archive, inflate: inflate))
        for entry in archive.entries
        where entry.name.hasPrefix(samples + "/") && entry.name.hasSuffix(".json") {
            try run.add(try fields(of: entry, archive, inflate: inflate))
        }
        return try run.imported()
    }

    private static func fields(
        of entry: ZipArchive.Entry, _ archive: ZipArchive,
        inflate: (ArraySlice<UInt8>, Int) -> [UInt8]?
    ) throws(ImportError) -> ForeignFields {
        let bytes: [UInt8]
        do throws(ZipError) { bytes = try archive.contents(of: entry, inflate: inflate) } catch {
            throw .zip(error)
        }
        return try ForeignFields.parse(bytes, limit: largest, named: "entry `\(entry.name)`")
    }
}

/// A log while its samples are added.
private struct InspectRun {
    private let log: ForeignFields
    private let eval: ForeignFields
    /// The samples that the log counts.
    private let stated: Int
    private var scorers: [InspectScorer] = []
    private var cases: Set<ExactText> = []
    private var trials: Set<ExactText> = []

    init(_ log: ForeignFields) throws(ImportError) {
        _ = try log.count("version", in: InspectLog.version...InspectLog.version)
        let status = try log.name("status")
        guard sameBytes(status, "success") else { throw .status(status) }
        if log["invalidated"] != nil, try log.bool("invalidated") {
            throw .invalidated("invalidated")
        }
        self.log = log
        eval = try log.fields("eval")
        let results = try log.fields("results")
        stated = try results.count("total_samples", in: 1...ImportedRun.mostTrials)
        let scores = try results.list("scores")
        guard (1...ImportedRun.mostScorers).contains(scores.count) else {
            throw .wrong(
                results.place("scores"), expected: "1 to \(ImportedRun.mostScorers) scorers")
        }
        var names: Set<ExactText> = []
        for (number, score) in scores.enumerated() {
            let place = results.place("scores") + "[\(number)]"
            let scorer = try InspectScorer(try ForeignFields(score, at: place))
            guard names.insert(ExactText(scorer.name)).inserted else {
                throw .wrong(place + ".name", expected: "another name for each scorer")
            }
            scorers.append(scorer)
        }
    }

    /// Adds a sample: one trial of the case of its id.
    mutating func add(_ sample: ForeignFields) throws(ImportError) {
        guard sample["invalidation"] == nil else {
            throw .invalidated(sample.place("invalidation"))
        }
        let id: String
        switch try sample.value("id") {
        case .integer(let number): id = "#\(number)"
        case .string(let text): id = "=" + text
        default: throw .wrong(sample.place("id"), expected: "text or a whole number")
        }
        let epoch = try sample.count("epoch", in: 1...ImportedRun.mostTrials)
        guard trials.insert(ExactText("\(epoch) \(id)")).inserted else {
            throw .wrong(sample.place("epoch"), expected: "another one for each trial of a case")
        }
        guard trials.count <= stated else { throw .count(stated: stated, found: trials.count) }
        cases.insert(ExactText(id))
        guard cases.count <= ImportedRun.mostCases else {
            throw .wrong("samples", expected: "of at most \(ImportedRun.mostCases) cases")
        }
        // A sample that ended in an error has no scores, and is a failed trial.
        let failed = sample["error"] != nil
        let scores: ForeignFields? = sample["scores"] == nil ? nil : try sample.fields("scores")
        for index in scorers.indices {
            try scorers[index].add(failed ? nil : scores, of: ExactText(id))
        }
    }

    func imported() throws(ImportError) -> ImportedRun {
        guard trials.count == stated else {
            throw .count(stated: stated, found: trials.count)
        }
        let stats = try log.fields("stats")
        let started = try stats.time("started_at")
        let ended = try stats.time("completed_at")
        guard started <= ended else {
            throw .wrong(stats.place("completed_at"), expected: "no earlier than `started_at`")
        }
        var tool = "inspect_ai"
        if eval["packages"] != nil {
            let packages = try eval.fields("packages")
            if packages[tool] != nil {
                let release = try packages.name(tool)
                tool += " " + release
            }
        }
        guard ImportedRun.isName(tool) else {
            throw .wrong(eval.place("packages"), expected: "short versions")
        }
        return ImportedRun(
            tool: tool, task: try eval.name("task"), model: try eval.name("model"),
            started: started, ended: ended, cases: cases.count, trials: trials.count,
            scorers: scorers.map(\.imported))
    }
}
