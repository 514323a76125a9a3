import InterlockJSON
import InterlockModel
import InterlockScanning
import InterlockTesting

@testable import InterlockEvals

/// Files of other eval tools, cut down to what an import reads.
enum ImportFixture {
    static let header = #"""
        "version": 2, "status": "success", "invalidated": false,
        "eval": {"task": "refunds", "model": "mockllm/model", "packages": {"inspect_ai": "0.3.285"}},
        "results": {"total_samples": 4, "completed_samples": 4, "scores": [
          {"name": "includes", "scorer": "includes", "params": {},
           "metrics": {"accuracy": {"name": "accuracy", "value": 0.75},
                       "stderr": {"name": "stderr", "value": NaN}}},
          {"name": "model_graded_qa", "scorer": "model_graded_qa", "params": {"model": "m"},
           "metrics": {"accuracy": {"name": "accuracy", "value": 1.0}}}]},
        "stats": {"started_at": "2026-11-20T09:00:11+00:00",
                  "completed_at": "2026-11-20T10:04:02.5+01:00"}
        """#

    /// One case that passes in both epochs, and one that passes in one of them.
    static let samples = [
        sample(#""order-8812""#, 1, "C"), sample(#""order-8812""#, 2, "C"),
        sample("7", 1, "C"), sample("7", 2, "I"),
    ]

    static func sample(_ id: String, _ epoch: Int, _ value: String) -> String {
        #"{"id": \#(id), "epoch": \#(epoch), "error": null, "scores": {"#
            + #""includes": {"value": "\#(value)"}, "model_graded_qa": {"value": "C"}}}"#
    }

    static func log(
        _ header: String = header, _ samples: [String] = samples
    ) -> String {
        "{" + header + ", \"samples\": [" + samples.joined(separator: ",") + "]}"
    }

    static func archive(_ header: String = header, _ samples: [String] = samples) -> [UInt8] {
        var entries = [ZipFixture("_journal/start.json", "not read")]
        for (number, sample) in samples.enumerated() {
            entries.append(ZipFixture("samples/\(number)_epoch_1.json", sample).deflated)
        }
        entries.append(ZipFixture("header.json", "{" + header + "}").deflated)
        return ZipFixture.archive(entries)
    }

    static let promptfoo = #"""
        {"evalId": "eval-1", "metadata": {"promptfooVersion": "0.120.0"},
         "results": {"version": 3, "timestamp": "2026-11-20T09:00:11.123Z", "prompts": [{}],
          "stats": {"successes": 2, "failures": 1, "errors": 1},
          "results": [
           {"testIdx": 0, "promptIdx": 0, "success": true, "provider": {"id": "exec:agent"},
            "gradingResult": {"pass": true, "score": 1, "componentResults": [
              {"pass": true, "assertion": {"type": "contains"}},
              {"pass": true, "assertion": {"type": "llm-rubric"}}]}},
           {"testIdx": 0, "promptIdx": 0, "success": true, "provider": {"id": "exec:agent"},
            "gradingResult": {"pass": true, "componentResults": [
              {"pass": true, "assertion": {"type": "not-contains"}}]}},
           {"testIdx": 1, "promptIdx": 0, "success": false, "provider": {"id": "exec:agent"},
            "gradingResult": {"pass": false, "componentResults": [
              {"pass": false, "assertion": {"type": "contains"}},
              {"pass": true, "assertion": {"type": "llm-rubric"}}]}},
           {"testIdx": 2, "promptIdx": 0, "success": false, "error": "timed out",
            "provider": {"id": "exec:agent"}, "gradingResult": null}]}}
        """#

    static func read(_ text: String) throws(ImportError) -> ImportedRun {
        try read(Array(text.utf8))
    }

    static func read(_ bytes: [UInt8]) throws(ImportError) -> ImportedRun {
        let inflater = ZlibInflater()
        return try InspectLog.read(bytes) { inflater.whole($0, most: $1) }
    }

    static let importer = Person("dana@acme.example").unwrapped
    static let imported = Timestamp(rfc3339: "2026-11-21T00:00:00Z").unwrapped

    static func evalImport(_ run: ImportedRun) -> EvalImport {
        EvalImport(
            run, format: .inspect, parts: ResultFixture.parts(),
            original: ResultFixture.digest(6), by: importer, imported: imported,
            hashing: ResultFixture.hashing)
    }
}
