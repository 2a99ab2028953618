"""What a user may know of their money."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing import ledger, limits
from rest.envelope import moment, success


class CurrentUser(APIView):
    """GET /api/user"""

    def get(self, request: Request) -> Response:
        now = timezone.now()
        account = ledger.open_account(user=request.user, now=now)
        today = limits.today_of(account=account, now=now)
        return success(
            {
                "id": str(request.user.pk),
                "email": request.user.email,
                "credits": account.credits,
                "plan": account.plan_id,
                "dailyLimit": account.daily_limit,
                "remainingToday": limits.remaining_on(account=account, today=today),
                "resetsAt": moment(limits.resets_at(account=account, now=now)),
            }
        )
