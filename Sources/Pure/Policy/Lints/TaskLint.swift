import InterlockModel

/// Reports tools of tasks that nothing gives to the task's agent (W238), so that no call of them is permitted.
///
/// - Parameter cells: the cells of each agent, in the order of the document's agents.
func lintTasks(
    _ document: PolicyDocument, _ table: ToolTable, _ cells: [[Cell]], _ findings: inout Findings
) {
    for task in document.tasks {
        guard let place = document.agents.firstIndex(where: { task.isOf($0.name) }),
            place < cells.count
        else { continue }
        let given = Set(cells[place].flatMap(\.tools))
        for tool in task.tools {
            guard let number = table.number(of: tool.value), !given.contains(number) else {
                continue
            }
            findings.add(
                .taskToolNotGranted, at: tool,
                "\(task.name): nothing grants `\(tool.value)` to agent `\(task.agent.value)`",
                help: "grant it to the agent, or leave it out of the task")
        }
    }
}
