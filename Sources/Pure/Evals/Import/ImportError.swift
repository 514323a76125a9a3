package import InterlockJSON

/// The reason why a file of another eval tool is refused. Paths are those of members, such as `results.scores[0]`.
package enum ImportError: Error, Hashable, Sendable, CustomStringConvertible {
    case zip(ZipError)
    /// The file or entry that is not JSON within the limits.
    case json(String, JSONError)
    case missingEntry(String)
    case missing(String)
    case wrong(String, expected: String)
    /// The status of a run that did not end well, as the file states it.
    case status(String)
    /// The run, or one of its samples, is marked as invalid.
    case invalidated(String)
    /// The file has other samples than it counts.
    case count(stated: Int, found: Int)
    /// The file compares several prompts or models, and an import is about one agent.
    case several(Int)

    package var description: String {
        switch self {
        case .zip(let error): error.description
        case .json(let name, let error): "\(name) is not valid JSON: \(error)"
        case .missingEntry(let name): "the archive has no `\(name)`"
        case .missing(let path): "member `\(path)` is missing"
        case .wrong(let path, let expected): "`\(path)` must be \(expected)"
        case .status(let status): "the run has the status `\(status)`; expected `success`"
        case .invalidated(let path): "`\(path)` is marked as invalid"
        case .count(let stated, let found):
            "the file counts \(stated) results and has \(found)"
        case .several(let count): "the file compares \(count) prompts or models"
        }
    }

    /// The remedy; nil if nothing helps but another run.
    package var help: String? {
        switch self {
        case .zip(.zstandard): "write the log as JSON: inspect log dump LOG > LOG.json"
        case .count, .missing("samples"): "a log without samples proves nothing; log them"
        case .several: "run one prompt with one provider, and import that"
        default: nil
        }
    }
}
