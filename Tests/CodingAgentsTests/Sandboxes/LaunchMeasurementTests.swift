import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockGatewayBench
@testable import InterlockSandboxes

/// A supervisor's statements about the files with which a run starts.
@Suite struct `Measured files of a launch` {
    private static let files: JSONValue = [
        "program": [["path": "/usr/bin/true", "sha256": .string(Digest(words: (1, 2, 3, 4)).hex)]],
        "prompt": [], "skills": [],
        "settings": [["path": ".mcp.json", "sha256": .string(Digest(words: (4, 3, 2, 1)).hex)]],
    ]

    private static func measurement(
        isScanned: Bool = true, blobs: Int? = nil
    ) -> LaunchMeasurement {
        LaunchMeasurement(
            scan: isScanned
                ? LaunchMeasurement.Scan(
                    rules: Digest(words: (5, 6, 7, 8)), files: 12, blobs: blobs, marked: 1,
                    waivedCount: 2) : nil,
            fingerprint: Digest(words: (9, 9, 9, 9)), files: files, found: ["a:1 jwt"],
            waived: ["b:2 jwt"])
    }

    @Test func `it is read as it was written, and goes to the record without a path`() throws {
        for isScanned in [true, false] {
            let made = Self.measurement(isScanned: isScanned)
            #expect(try LaunchMeasurement(made.json) == made)
            #expect(made.fields["fp"] == .string(made.fingerprint.base64))
            #expect((made.fields["scan"] != nil) == isScanned)
        }
        let fields = Self.measurement().fields
        #expect(fields["marks"] == 1 && fields["waived"] == 2 && fields["blobs"] == nil)
        let made = Self.measurement(blobs: 0)
        #expect(try LaunchMeasurement(made.json) == made)
        #expect(made.fields["blobs"] == 0)
    }

    @Test(arguments: ["fingerprint", "files", "found", "waived"])
    func `a part that is missing or of another kind is refused`(name: String) {
        var object = Self.measurement().json.object ?? [:]
        object[name] = 7
        #expect(throws: FormError.self) { try LaunchMeasurement(.object(object)) }
        object[name] = nil
        #expect(throws: FormError.self) { try LaunchMeasurement(.object(object)) }
    }

    @Test(arguments: ["program", "prompt", "skills", "settings"])
    func `each kind of files is stated`(part: String) {
        var files = Self.files.object ?? [:]
        files[part] = nil
        var object = Self.measurement().json.object ?? [:]
        object["files"] = .object(files)
        #expect(throws: FormError.self) { try LaunchMeasurement(.object(object)) }
    }
}
