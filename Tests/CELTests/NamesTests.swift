import InterlockPolicy
import InterlockPolicyCEL
import Testing

@Suite struct NamesTests {
    /// The reference of the root node.
    private func root(
        _ text: String, _ variables: [String] = [], container: String = ""
    ) throws -> CELResolution.Reference? {
        let (tree, resolution) = try resolved(text, variables, container: container)
        return resolution.references[tree.root]
    }

    private func resolved(
        _ text: String, _ variables: [String] = [], container: String = ""
    ) throws -> (CELTree, CELResolution) {
        let environment = CELEnvironment.testing(
            variables.map { .init($0, .dyn) }, container: container)
        let tree = try CELParser.parse(text)
        return (tree, CELNames.resolve(tree, in: environment))
    }

    @Test func `the longest dotted name wins over a field of a shorter one`() throws {
        #expect(try root("a.b.c", ["a.b", "a.b.c"]) == .variable(1))
        let (tree, resolution) = try resolved("a.b.c", ["a.b"])
        #expect(resolution.references[tree.root] == nil)
        #expect(resolution.references.values.contains(.variable(0)))
    }

    @Test func `the container comes first, then what is around it, then the root`() throws {
        #expect(try root("y", ["y", "com.example.y"], container: "com.example") == .variable(1))
        #expect(try root("y", ["y", "com.y"], container: "com.example") == .variable(1))
        #expect(try root("y", ["y"], container: "com.example") == .variable(0))
        #expect(try root(".y", ["com.example.y", "y"], container: "com.example") == .variable(1))
    }

    @Test func `a container is not cut within a name`() throws {
        #expect(try root("y", ["comet.y"], container: "com") == nil)
    }

    @Test func `a variable of a macro hides dotted names and namespaces`() throws {
        let (_, resolution) = try resolved("[{'z': 0}].exists(y, y.z == 0)", ["y.z"])
        #expect(resolution.references.values.contains(.local(0)))
        #expect(!resolution.references.values.contains(.variable(0)))
        let (_, called) = try resolved("[1].exists(math, math.greatest(1, 2) == 2)")
        #expect(
            !called.references.values.contains {
                if case .qualifiedFunction = $0 { true } else { false }
            })
    }

    @Test func `a leading dot looks behind a variable of a macro`() throws {
        let (_, resolution) = try resolved("[1].exists(y, .y == y)", ["y"])
        #expect(resolution.references.values.contains(.variable(0)))
        #expect(resolution.references.values.contains(.local(0)))
    }

    @Test func `nested macros have slots of their own, neighbours share theirs`() throws {
        let (_, nested) = try resolved("[1].all(a, b, [2].all(c, c == a && c == b))")
        #expect(nested.localCount == 3)
        #expect(nested.frames.values.sorted() == [0, 2])
        let (_, neighbours) = try resolved("[1].all(a, a > 0) && cel.bind(b, 1, b > 0)")
        #expect(neighbours.localCount == 1)
        #expect(neighbours.frames.values.sorted() == [0, 0])
    }

    @Test func `the range of a macro does not see the macro's variable`() throws {
        let (_, resolution) = try resolved("x.all(x, x == 1)", ["x"])
        #expect(resolution.references.values.contains(.variable(0)))
        #expect(resolution.references.values.contains(.local(0)))
    }

    @Test func `a namespace is told from a receiver`() throws {
        guard case .qualifiedFunction = try root("math.greatest(1, 2)") else {
            Issue.record("math is a namespace")
            return
        }
        guard case .function = try root("'a'.startsWith('a')") else {
            Issue.record("a literal is a receiver")
            return
        }
        #expect(try root("math.greatests(1, 2)") == nil)
    }

    @Test func `names of types are values`() throws {
        #expect(try root("int") == .type(CELTypeName("int")))
        #expect(
            try root("google.protobuf.Timestamp")
                == .type(CELTypeName("google.protobuf.Timestamp")))
        #expect(try root("net.IP") == .type(CELTypeName("net.IP")))
        #expect(try root("integer") == nil)
    }

    @Test func `has asks for a variable whose whole name is dotted`() throws {
        #expect(try root("has(call.person)", ["call.person"]) == .variable(0))
        #expect(try root("call.?person", ["call.person"]) == .variable(0))
        #expect(try root("has(call.person)", ["call.person", "call"]) == nil)
        #expect(try root("has(call.other)", ["call.person"]) == nil)
    }

    @Test func `a quoted field is no part of a name`() throws {
        #expect(try root("a.`b.c`", ["a.b.c"]) == nil)
    }

    @Test func `a chain much longer than any declared name resolves by its beginning`() throws {
        let (_, resolution) = try resolved(
            "a" + String(repeating: ".a", count: 120), ["a.a"])
        #expect(Set(resolution.references.values) == [.variable(0)])
    }
}
