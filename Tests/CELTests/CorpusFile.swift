import Glibc
import InterlockJSON
import InterlockTesting

/// One case of the conformance corpus (docs/specs/policy.md, section 5.6). Names repeat, so file and position form the
/// id.
struct CorpusCase: Sendable {
    let id: String
    let file: String
    let section: String
    let name: String
    let text: String
    let container: String
    let environment: [JSONValue]
    let bindings: JSONObject
    let isChecked: Bool
    let stopsAfterCheck: Bool
    let expectedType: String?
    let expected: JSONValue
    let needsProto: Bool

    init?(_ json: JSONValue, file: String, position: Int) {
        guard let text = json["expr"]?.string, let expected = json["expect"],
            let needsProto = json["needsProto"]?.bool
        else { return nil }
        id = "\(file):\(position)"
        self.file = file
        section = json["section"]?.string ?? ""
        name = json["name"]?.string ?? ""
        self.text = text
        container = json["container"]?.string ?? ""
        environment = json["env"]?.array ?? []
        bindings = json["bindings"]?.object ?? JSONObject()
        isChecked = json["disableCheck"]?.bool != true
        stopsAfterCheck = json["checkOnly"]?.bool == true
        expectedType = json["expectType"]?.string
        self.expected = expected
        self.needsProto = needsProto
    }

    /// Is true if the engine must pass the case: it supports neither `cel.block` nor protobuf.
    var isInScope: Bool { !needsProto && file != "block_ext" }
}

/// The whole corpus, read from a folder.
struct Corpus: Sendable {
    let cases: [CorpusCase]
    let index: JSONValue

    /// Is nil if the vectors are absent.
    static let shared = folder.flatMap(Corpus.init)

    private init?(folder: String) {
        let limits = JSONLimits(bytes: 4 << 20)
        func read(_ path: String) -> JSONValue? {
            TestFiles.read(path).flatMap { try? JSONValue(parsing: $0, limits: limits) }
        }
        guard let index = read(folder + "/index.json") else { return nil }
        var cases: [CorpusCase] = []
        for path in TestFiles.list(folder, suffix: ".json") where !path.hasSuffix("/index.json") {
            guard let json = read(path), let file = json["file"]?.string else { return nil }
            for (position, one) in (json["cases"]?.array ?? []).enumerated() {
                guard let one = CorpusCase(one, file: file, position: position) else { return nil }
                cases.append(one)
            }
        }
        self.cases = cases
        self.index = index
    }

    private static var folder: String? {
        let vectors = unsafe getenv("INTERLOCK_VECTORS").map { unsafe String(cString: $0) }
        return (vectors ?? TestFiles.root(from: #filePath) + "/../shared/vectors") + "/cel"
    }
}
