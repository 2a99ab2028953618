"""The house's rules, held by machine: arrows, budgets, docstrings, single writers.

Raising a number or adding an exception here needs an ADR (`docs/adr`).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("socialsaas", "jobs", "carousels", "billing", "accounts", "rest")

MODULE_LINES, FUNCTION_LINES, TEST_FILE_LINES = 300, 40, 400
TASK_LINES, HANDLER_LINES = 25, 15
DOCSTRING_LINES = 6

# Whom an app's foreign keys may point at, besides itself.
FOREIGN_KEYS = {
    "jobs": {"carousels", "accounts"},
    "carousels": {"accounts"},
    "billing": {"accounts"},
    "accounts": {"auth"},
}
# Heavy libraries that the web process, which imports these modules too, must not pay for.
LATE_IMPORTS = {
    ("billing/payments/client.py", "_connect"),
    ("billing/payments/client.py", "_failures"),
    ("billing/payments/client.py", "verified"),
    ("carousels/brands.py", "_clean"),
    ("carousels/brands.py", "_open_picture"),
    ("carousels/composing.py", "compose"),
    ("carousels/composing.py", "make_preview"),
    ("carousels/composing.py", "_make_page"),
    ("carousels/composing.py", "proofread"),
    ("carousels/composing.py", "_open_art"),
    ("carousels/providers/gemini/calls.py", "_call"),
    ("carousels/providers/gemini/calls.py", "_make_client"),
    ("carousels/providers/gemini/text.py", "write_strategy"),
    ("carousels/providers/offline/__init__.py", "paint"),
    ("carousels/providers/openai/calls.py", "_make_client"),
    ("carousels/providers/openai/calls.py", "call"),
    ("carousels/providers/openai/text.py", "write_strategy"),
    ("carousels/providers/picture_answer.py", "read"),
    ("carousels/providers/prices.py", "_look_up"),
}
WRITERS = {
    "Account": {"billing/ledger.py", "billing/terms.py", "billing/grants.py"},
    "LedgerEntry": {"billing/ledger.py"},
    "Plan": {"billing/plans.py"},
    "LedgerAudit": {"billing/verdicts.py"},
    "CreditPack": {"billing/admin.py"},
    "Customer": {"billing/payments/checkout.py"},
    "Payment": {"billing/payments/settlement.py"},
    "MoneyBack": {"billing/payments/settlement.py"},
    "StripeEvent": {"billing/payments/events.py"},
    "Subscription": {"billing/payments/subscriptions.py"},
    "Carousel": {"carousels/authoring.py"},
    "Slide": {"carousels/authoring.py"},
    "BrandKit": {"carousels/brands.py"},
    "JobStep": {"jobs/steps.py", "jobs/waiting.py"},
    "JobEvent": {"jobs/transitions.py"},
    "ProviderCall": {"jobs/reservations.py"},
    "ApiKey": {"accounts/keys.py"},
    "IdempotencyKey": {"accounts/idempotency.py"},
}
MAKERS_AND_MOVERS_OF_JOBS = {"jobs/transitions.py"}

WRITING_SQL = re.compile(r"(?:\A|[()])\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)", re.IGNORECASE)
CREATING = {"create", "bulk_create", "get_or_create", "update_or_create"}
CHANGING = {"update", "bulk_update", "delete"}
HANDLERS = {"get", "post", "put", "patch", "delete"}

FUNCTION_TYPES = (ast.FunctionDef, ast.AsyncFunctionDef)


def modules_of(*folders: str) -> list[str]:
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def is_migration(module: str) -> bool:
    return "/migrations/" in module


PRODUCT = [*modules_of(*PACKAGES), "manage.py"]
WRITTEN = [module for module in PRODUCT if not is_migration(module)]
TESTS = modules_of("tests")


def source_of(module: str) -> str:
    return (ROOT / module).read_text()


def tree_of(module: str) -> ast.Module:
    return ast.parse(source_of(module))


def functions_in(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTION_TYPES))


def lines_of(node) -> int:
    return node.end_lineno - node.lineno + 1


def too_long(modules: list[str], most: int) -> list[str]:
    return [module for module in modules if len(source_of(module).splitlines()) > most]


def long_functions(module: str, functions, most: int) -> list[str]:
    return [f"{module}:{function.name}" for function in functions if lines_of(function) > most]


# --- arrows ---------------------------------------------------------------------------------------


def test_imports_follow_the_arrows(capsys):
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)

    assert status == 0, capsys.readouterr().out


def test_foreign_keys_follow_the_arrows():
    arrows = {
        (model._meta.app_label, field.related_model._meta.app_label)
        for model in apps.get_models()
        if model._meta.app_label in FOREIGN_KEYS
        for field in (*model._meta.fields, *model._meta.many_to_many)
        if field.related_model
    }

    against = {(source, target) for source, target in arrows if target not in {source, *FOREIGN_KEYS[source]}}
    assert against == set()
    assert arrows >= {("jobs", "carousels"), ("billing", "accounts")}


def test_every_app_with_models_has_its_arrows_drawn():
    ours = {config.label for config in apps.get_app_configs() if Path(config.path).parent == ROOT}

    assert {label for label in ours if list(apps.get_app_config(label).get_models())} == set(FOREIGN_KEYS)


def test_no_model_points_from_content_or_jobs_at_money():
    pointing = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.fields
        if field.related_model and field.related_model._meta.app_label == "billing"
    }

    assert pointing == {
        "billing.Account",
        "billing.Customer",
        "billing.LedgerEntry",
        "billing.MoneyBack",
        "billing.Payment",
        "billing.Subscription",
    }


def late_imports(module: str) -> set[tuple[str, str]]:
    return {
        (module, function.name)
        for function in functions_in(tree_of(module))
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }


def test_only_heavy_libraries_are_imported_inside_a_function():
    assert set().union(*map(late_imports, WRITTEN)) == LATE_IMPORTS


def test_late_imports_say_why():
    for module in {module for module, _ in LATE_IMPORTS}:
        assert "stay out of the web process" in source_of(module)


# --- budgets --------------------------------------------------------------------------------------


def test_modules_are_short():
    assert too_long(WRITTEN, MODULE_LINES) == []


def test_test_files_are_short():
    assert too_long(TESTS, TEST_FILE_LINES) == []


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_functions_are_short(package):
    modules = [module for module in WRITTEN + TESTS if module.startswith(f"{package}/")]

    assert [
        name
        for module in modules
        for name in long_functions(module, functions_in(tree_of(module)), FUNCTION_LINES)
    ] == []


def is_task(function) -> bool:
    return any("shared_task" in ast.unparse(decorator) for decorator in function.decorator_list)


def test_tasks_are_thin():
    tasks = {
        module: [function for function in functions_in(tree_of(module)) if is_task(function)]
        for module in WRITTEN
    }

    assert sum(map(len, tasks.values())) >= 6
    assert [
        name for module, functions in tasks.items() for name in long_functions(module, functions, TASK_LINES)
    ] == []


def test_view_handlers_are_thin():
    handlers = {
        module: [
            function
            for view in ast.walk(tree_of(module))
            if isinstance(view, ast.ClassDef)
            for function in view.body
            if isinstance(function, FUNCTION_TYPES) and function.name in HANDLERS
        ]
        for module in WRITTEN
        if module.endswith("views.py")
    }

    assert sum(map(len, handlers.values())) >= 10
    assert [
        name
        for module, functions in handlers.items()
        for name in long_functions(module, functions, HANDLER_LINES)
    ] == []


# --- words ----------------------------------------------------------------------------------------


def is_well_opened(module: str) -> bool:
    """Opens with a docstring of a few lines; an empty `__init__.py` has nothing to say."""
    if not source_of(module).strip():
        return True
    lines = [line for line in (ast.get_docstring(tree_of(module)) or "").splitlines() if line.strip()]
    return 1 <= len(lines) <= DOCSTRING_LINES


def test_every_module_says_what_lives_there():
    assert [module for module in PRODUCT + TESTS if not is_well_opened(module)] == []


def test_no_stock_pictures():
    assert [module for module in PRODUCT if "picsum" in source_of(module).lower()] == []


def test_no_signals_between_apps():
    assert [
        module
        for module in WRITTEN
        for name in imported_names(module)
        if name in {"receiver", "post_save", "pre_save"}
    ] == []


def imported_names(module: str) -> set[str]:
    return {
        alias.name
        for node in ast.walk(tree_of(module))
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


@pytest.mark.parametrize("folder", ["utils", "helpers", "services", "common", "exceptions", "managers"])
def test_no_module_is_named_after_nothing(folder):
    assert [module for module in PRODUCT if folder in Path(module).with_suffix("").parts] == []


# --- single writers -------------------------------------------------------------------------------


def writes_in(tree: ast.AST) -> set[tuple[str, str]]:
    """(model, verb) of every `Model.objects...verb(...)`, however long the chain between."""
    found = set()
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        if call.func.attr not in CREATING | CHANGING:
            continue
        models = {
            node.value.id
            for node in ast.walk(call.func.value)
            if isinstance(node, ast.Attribute) and node.attr == "objects" and isinstance(node.value, ast.Name)
        }
        found |= {(model, call.func.attr) for model in models}
    return found


def sets_a_job_s_status(tree: ast.AST) -> bool:
    return any(
        isinstance(target, ast.Attribute) and target.attr == "status" and ast.unparse(target.value) == "job"
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def test_every_table_has_one_writer():
    writers = {
        (model, module)
        for module in WRITTEN
        for model, _ in writes_in(tree_of(module))
        if model in WRITERS and module not in WRITERS[model]
    }

    assert writers == set()


def test_jobs_are_made_and_moved_by_transitions_alone():
    writes = {
        (verb in CREATING, module)
        for module in WRITTEN
        for model, verb in writes_in(tree_of(module))
        if model == "GenerationJob"
    }

    assert {module for creates, module in writes if creates} == set()  # the one that does says it in SQL
    assert {module for creates, module in writes if not creates} == MAKERS_AND_MOVERS_OF_JOBS
    assert [module for module in WRITTEN if sets_a_job_s_status(tree_of(module))] == []


def tables_written_in(tree: ast.AST) -> set[str]:
    """The table of every text that is an SQL statement which writes."""
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return {match[1] for text in texts if isinstance(text, str) for match in WRITING_SQL.finditer(text)}


def test_no_sql_writes_past_the_writers():
    models = {model._meta.db_table: model.__name__ for model in apps.get_models()}
    writers = WRITERS | {"GenerationJob": MAKERS_AND_MOVERS_OF_JOBS}
    writes = {(table, module) for module in WRITTEN for table in tables_written_in(tree_of(module))}

    past = {(table, module) for table, module in writes if module not in writers.get(models.get(table), ())}
    assert past == set()
    assert writes == {
        ("idempotency_keys", "accounts/idempotency.py"),
        ("billing_accounts", "billing/ledger.py"),
        ("billing_ledger", "billing/ledger.py"),
        ("generation_jobs", "jobs/transitions.py"),
        ("job_steps", "jobs/steps.py"),
        ("job_events", "jobs/transitions.py"),
        ("provider_calls", "jobs/reservations.py"),
        ("carousels", "carousels/authoring.py"),
        ("slides", "carousels/authoring.py"),
    }


@pytest.mark.parametrize(
    ("snippet", "found"),
    [
        ("Account.objects.filter(pk=1).exclude(credits=2).update(credits=9)", {("Account", "update")}),
        ("LedgerEntry.objects.create(credits=9)", {("LedgerEntry", "create")}),
        ("Account.objects.filter(pk=1).first()", set()),
        ("{}.update(a=1)", set()),
    ],
)
def test_writes_are_seen_however_they_are_spelled(snippet, found):
    assert writes_in(ast.parse(snippet)) == found
