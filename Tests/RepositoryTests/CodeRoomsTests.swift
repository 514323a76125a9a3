import Testing

/// Folders that lean on one another in a circle can be read, built and changed only together.
struct CodeRoomsTests {
    private static let gateway: [String: SwiftCode] = {
        let root = "Sources/Gateway/"
        let files = Repository.files(under: "Sources/Gateway", endingIn: [".swift"])
        return Dictionary(
            uniqueKeysWithValues: files.map {
                (String($0.dropFirst(root.count)), SwiftCode(Repository.text(of: $0)))
            })
    }()

    @Test func `the modules of the gateway form no circle`() {
        let rooms = CodeRooms(Self.gateway, depth: 1)
        #expect(rooms.mentions.count >= 3)
        for circle in rooms.circles { Issue.record("\(rooms.arrows(in: circle))") }
    }

    /// The pipeline, its stages and the protocol pass calls to one another; no other folders do.
    @Test func `the folders of the gateway form one circle of three at most`() {
        let rooms = CodeRooms(Self.gateway, depth: 2)
        #expect(rooms.mentions.count > 100)
        for (index, circle) in rooms.circles.enumerated() where index > 0 || circle.count > 3 {
            Issue.record("\(rooms.arrows(in: circle))")
        }
    }

    @Test func `a circle is found and its arrows are named`() {
        let rooms = CodeRooms(
            [
                "A/Sub/One.swift": SwiftCode("struct One { let two: Two }"),
                "B/Two.swift": SwiftCode("struct Two { let three: [Three] }"),
                "C/Three.swift": SwiftCode("enum Three { case one(One), four }"),
                "D/Four.swift": SwiftCode("struct Four { let one: One }"),
            ], depth: 1)
        #expect(rooms.circles == [["A", "B", "C"]])
        #expect(
            rooms.arrows(in: ["A", "B"]) == "A -> B: Two in A/Sub/One.swift")
    }

    @Test func `comments, literals, own types and names of two files make no arrow`() {
        let rooms = CodeRooms(
            [
                "A/One.swift": SwiftCode(
                    """
                    /// Like `Two`. /* Two
                    struct One { let text = "a \\" Two", more = \"\"\"
                        Two
                        \"\"\" /* Two
                        */ ; struct Twice {} ; let own: One, twice: Twice }
                    """),
                "B/Two.swift": SwiftCode("struct Two {} ; struct Twice {}"),
            ], depth: 1)
        #expect(rooms.mentions.isEmpty)
    }

    /// The type before a stage hands on what the stage needs; a longer path would know how that type is made.
    @Test func `the governor names at most four members in a row`() {
        let files = Self.gateway.filter { $0.key.hasPrefix("Governor/") }
        #expect(files.count > 50)
        for (file, code) in files {
            for (path, line) in code.memberPaths where path.count > 4 {
                Issue.record("\(file):\(line) has \(path.joined(separator: "."))")
            }
        }
    }

    @Test func `a path of members is found across lines and optionals, and ends at a call`() {
        let code = SwiftCode(
            "return .a; one.two?\n    .three!.four(five.six).seven\n.eight(Nine.ten)")
        #expect(
            code.memberPaths.map { "\($0.line) " + $0.path.joined(separator: ".") } == [
                "1 return", "1 a", "1 one.two.three.four", "2 five.six", "2 seven.eight", "3 ten",
            ])
    }
}
