import InterlockAPI
import InterlockAdministration
import InterlockMarkup
import InterlockModel

/// The palette: one field to go to anything by its name, over every page of a signed-in person. Its rows come from the
/// search (`PaletteList`). It opens by Ctrl-K or Cmd-K and by a button in the frame, and needs the script.
enum Palette {
    static let list = Anchor("palette-list")
    private static let dialog = Anchor("palette")

    static var button: HTML {
        element(
            .button, .style(.nowrap), .word(.type, "button"), .anchor(.dialog, dialog),
            .word(.keyShortcuts, "Control+K Meta+K")
        ) { "Go to" }
    }

    static var html: HTML {
        element(.dialog, .id(dialog), .text(.label, "Go to")) {
            empty(
                .input, .word(.type, "text"), .id(Anchor("palette-text")),
                .word(.role, "combobox"), .text(.label, "Name of a page, agent, run or act"),
                .word(.expanded, "true"), .anchor(.controls, list), .word(.completion, "list"),
                .word(.autocomplete, "off"), .word(.autocapitalize, "none"),
                .word(.spellcheck, "false"),
                .number(.maxlength, SearchRequest.characters.upperBound))
            element(.div, .id(list), .word(.role, "listbox"), .text(.label, "Results"))
            element(.p, .style(.hint), .id(Anchor("palette-status")), .word(.role, "status"))
            element(.p, .style(.row)) {
                Shortcuts.button
                element(.button, .style(.quiet), .word(.type, "button"), .flag(.closes)) {
                    "Close"
                }
            }
        }
    }
}
