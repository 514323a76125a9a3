/// The type of each node of a checked tree. What no type could be found for is dyn.
package struct CELTypes: Sendable {
    private let byNode: [CELType]
    package let result: CELType

    init(_ byNode: [CELType], result: CELType) {
        self.byNode = byNode
        self.result = result
    }

    package subscript(id: CELTree.ID) -> CELType {
        byNode.indices.contains(id) ? byNode[id] : .dyn
    }
}

/// All that is wrong with one text; at least one problem, in the order of the text.
package struct CELProblems: Error, Hashable, Sendable {
    package let problems: [CELProblem]
    package init(_ problems: [CELProblem]) { self.problems = problems }
}
