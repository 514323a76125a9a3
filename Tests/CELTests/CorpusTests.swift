import InterlockJSON
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite(.enabled(if: Corpus.shared != nil || TestFiles.isCI, "the CEL vectors are not there"))
struct `CEL conformance corpus` {
    @Test func `counts of the cases are those of the index`() throws {
        let corpus = try #require(Corpus.shared)
        for file in corpus.index["files"]?.array ?? [] {
            let name = try #require(file["file"]?.string)
            let cases = corpus.cases.filter { $0.file == name }
            #expect(cases.count == Int(file["tests"]?.integer ?? 0), "\(name)")
            let proto = cases.count { $0.needsProto }
            #expect(proto == Int(file["needsProto"]?.integer ?? 0), "\(name)")
            let errors = cases.count { !$0.needsProto && $0.expected["error"] != nil }
            #expect(errors == Int(file["pureError"]?.integer ?? 0), "\(name)")
            let typed = cases.count { !$0.needsProto && $0.expectedType != nil }
            #expect(typed == Int(file["pureTyped"]?.integer ?? 0), "\(name)")
            let checkOnly = cases.count { $0.stopsAfterCheck }
            #expect(checkOnly == Int(file["checkOnly"]?.integer ?? 0), "\(name)")
        }
        let totals = try #require(corpus.index["totals"])
        #expect(corpus.cases.count == Int(totals["tests"]?.integer ?? 0))
        #expect(corpus.cases.count { !$0.needsProto } == Int(totals["pure"]?.integer ?? 0))
    }

    @Test func `every pure case gives its value, its error or its type`() throws {
        let corpus = try #require(Corpus.shared)
        var inScope = 0
        var passed = 0
        for one in corpus.cases where one.isInScope {
            inScope += 1
            if let failure = one.failure() {
                Issue.record("\(one.id) \(one.section)/\(one.name): \(failure) <- \(one.text)")
            } else {
                passed += 1
            }
        }
        let proto = corpus.cases.count { $0.needsProto }
        let block = corpus.cases.count { !$0.needsProto && !$0.isInScope }
        let corrected = corpus.cases.filter { $0.correctedValue != nil }.map(\.id)
        print(
            "cel corpus: \(passed) of \(inScope) pure cases pass; \(proto + block) excluded: "
                + "\(proto) need protobuf, \(block) are block_ext; "
                + "expected bytes corrected in \(corrected.joined(separator: ", "))")
        #expect(inScope == 1718)
        #expect(passed == inScope)
    }
}
