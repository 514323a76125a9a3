import Testing

@testable import InterlockPolicyCEL

@Suite struct SyntaxTests {
    @Test(arguments: [
        ("1 + 2 * 3 - 4", "(subtract (add 1 (multiply 2 3)) 4)"),
        ("a || b && c == d", "(or a (and b (equal c d)))"),
        ("(a || b) && c", "(and (or a b) c)"),
        ("a ? b : c ? d : e", "(if a b (if c d e))"),
        ("a < b == c", "(equal (less a b) c)"),
        ("x in [1, 2]", "(in x [1 2])"),
        ("!!a", "(not (not a))"),
        ("!a.b", "(not (select a `b`))"),
        ("-a + -1", "(add (negate a) -1)"),
        ("a - 1", "(subtract a 1)"),
        ("a -1", "(subtract a 1)"),
        ("--1", "(negate -1)"),
    ])
    func `operators bind as the grammar says`(text: String, tree: String) throws {
        #expect(try outline(text) == tree)
    }

    @Test func `long chains of and and or are built balanced, in order`() throws {
        #expect(try outline("a && b && c && d") == "(and (and a b) (and c d))")
        #expect(try outline("a || b || c") == "(or (or a b) c)")
        let chain = Array(repeating: "a", count: 100).joined(separator: " || ")
        #expect(try outline(chain, limits: .guardText).hasPrefix("(or (or (or"))
    }

    @Test(arguments: [
        ("a.b.c", "(select (select a `b`) `c`)"),
        (".a.b", "(select .a `b`)"),
        ("a.`b-c/d.e f`", "(select a `b-c/d.e f`)"),
        ("a.if.while()", "(call while on (select a `if`))"),
        ("a[0][?1]", "(optionalIndex (index a 0) 1)"),
        ("a.?b.c", "(select (optionalSelect a `b`) `c`)"),
        (".f(1, 2)", "(call .f 1 2)"),
        ("math.greatest(1, 2)", "(call greatest on math 1 2)"),
        ("'a'.size()", "(call size on 'a')"),
        ("[1, ?x,]", "[1 ?x]"),
        ("{?'a': 1, 'b': {},}", "{?'a':1 'b':{}}"),
        ("a.b.C{d: 1, ?if: x, `e-f`: 2,}.d", "(select (message a.b.C) `d`)"),
        (".C{}", "(message .C)"),
        ("1.size()", "(call size on 1)"),
    ])
    func `values, fields, calls, lists, maps and messages`(text: String, tree: String) throws {
        #expect(try outline(text) == tree)
    }

    @Test(arguments: [
        ("has(a.b)", "(has a `b`)"),
        ("has((a[0].`b-c`))", "(has (index a 0) `b-c`)"),
        ("l.all(x, x > 0)", "(all l x if (greater x 0))"),
        ("l.all(i, x, p)", "(all l i x if p)"),
        ("l.exists(x, p)", "(exists l x if p)"),
        ("l.exists_one(x, p)", "(existsOne l x if p)"),
        ("l.existsOne(i, x, p)", "(existsOne l i x if p)"),
        ("l.filter(x, p)", "(filter l x if p)"),
        ("l.map(x, y)", "(map l x give y)"),
        ("l.map(x, y, z)", "(map l x if y give z)"),
        ("l.transformList(i, x, y)", "(transformList l i x give y)"),
        ("l.transformMap(k, v, p, y)", "(transformMap l k v if p give y)"),
        ("l.transformMapEntry(k, v, {v: k})", "(transformMapEntry l k v give {v:k})"),
        ("cel.bind(x, 1, x)", "(bind x 1 x)"),
        ("o.optMap(x, x)", "(optMap o x x)"),
        ("o.optFlatMap(x, x)", "(optFlatMap o x x)"),
        (".has(a)", "(call .has a)"),
        (".cel.bind(x, 1, x)", "(call bind on .cel x 1 x)"),
        ("a.cel.bind(x, 1, x)", "(call bind on (select a `cel`) x 1 x)"),
    ])
    func `macros have nodes of their own`(text: String, tree: String) throws {
        #expect(try outline(text) == tree)
    }

    @Test func `a macro's own words leave no nodes behind`() throws {
        for (text, count) in [("has(a.b)", 2), ("l.all(i, x, x)", 3), ("cel.bind(x, 1, x)", 3)] {
            #expect(try CELParser.parse(text).nodes.count == count, "\(text)")
        }
        #expect(try CELParser.parse("a.B{c: 1 + 2}").nodes.count == 1)
    }

    @Test func `children come before their parents, and offsets are those of the text`() throws {
        let tree = try CELParser.parse("'\u{1f600}' + a.b(c) ? [x] : -y")
        for (id, node) in tree.nodes.enumerated() {
            #expect(node.kind.children.allSatisfy { $0 < id })
        }
        let offsets = tree.nodes.map(\.offset)
        #expect(offsets == [0, 6, 10, 6, 0, 16, 15, 22, 21, 0])
    }

    @Test func `comments and all kinds of blanks stand between words`() throws {
        #expect(try outline("a // b\n\t+\u{c}\r\n c // end") == "(add a c)")
    }
}
